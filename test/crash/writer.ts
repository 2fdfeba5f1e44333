/**
 * A process that saves or appends models, to be killed: `node writer.mjs <save|append> <path> <first> <forever|once>`.
 *
 * Writes models whose every value is one number, which grows by one each time, and says each number once it is written.
 */
import { appendModelRows, isLegolasError, writeModelRow } from "legolas-flux";
import { uniformModel } from "./uniform-model.ts";

const [verb, path = "", first = "0", mode = "once"] = process.argv.slice(2);

/** Writing to a pipe is synchronous in Node on Linux and macOS: what was said has been said, even if the process is killed next. */
const say = (text: string): boolean => process.stdout.write(`${text}\n`);

try {
  let value = Number(first);
  do {
    const model = uniformModel(value);
    await (verb === "append" ? appendModelRows(path, [model]) : writeModelRow(path, model));
    say(String(value++));
  } while (mode === "forever");
} catch (error) {
  if (!isLegolasError(error)) throw error;
  say(JSON.stringify({ ...error, name: error.name, message: error.message }));
}
