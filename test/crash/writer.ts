/**
 * A process that saves models, to be killed: `node writer.mjs <path> <first> <forever|once>`.
 *
 * Saves models whose every value is one number, which grows by one with each save; says "saving" before the first.
 */
import { isLegolasError, writeModelRow } from "legolas-flux";
import { uniformModel } from "./uniform-model.ts";

const [path = "", first = "0", mode = "once"] = process.argv.slice(2);

try {
  let value = Number(first);
  process.stdout.write("saving\n");
  do await writeModelRow(path, uniformModel(value++));
  while (mode === "forever");
} catch (error) {
  if (!isLegolasError(error)) throw error;
  process.stdout.write(`${JSON.stringify({ ...error, name: error.name, message: error.message })}\n`);
}
