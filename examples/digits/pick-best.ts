import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readModelRow } from "legolas-flux";
import { DigitsRowV1 } from "./digits-row.ts";

/** Reads every digits model of a folder and gives the one of highest accuracy, with its path. */
export async function pickBest(folder: string): Promise<{ path: string; row: DigitsRowV1 }> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".digits.model.arrow")).sort();
  const rows = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { path, row: await readModelRow(path, DigitsRowV1) };
    }),
  );
  const [best] = rows.sort((a, b) => (b.row.accuracy ?? 0) - (a.row.accuracy ?? 0));
  if (!best) throw new Error(`no *.digits.model.arrow in ${folder}: train first`);
  return best;
}
