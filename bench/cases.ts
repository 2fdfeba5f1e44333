import { hugeArray, hugeFile } from "./cases/huge.ts";
import { inMemory } from "./cases/in-memory.ts";
import { lazyOpen } from "./cases/lazy-open.ts";
import { listFiles } from "./cases/listing.ts";
import { oneArray } from "./cases/one-array.ts";
import { writeOptions } from "./cases/options.ts";
import { readIntoModel } from "./cases/read-into-model.ts";
import { readModel } from "./cases/read-model.ts";
import { smallArrays } from "./cases/small-arrays.ts";
import { writeModel } from "./cases/write-model.ts";
import type { Case } from "./measure.ts";

/** Every case, in the order in which they are shown. */
export const cases: readonly Case[] = [
  writeModel,
  readModel,
  readIntoModel,
  oneArray,
  lazyOpen,
  listFiles,
  smallArrays,
  inMemory,
  writeOptions,
  hugeFile,
  hugeArray,
];

/** The case of an id. @throws {Error} There is none. */
export function findCase(id: string): Case {
  const found = cases.find((candidate) => candidate.id === id);
  if (found) return found;
  throw new Error(`no case "${id}"; there are ${cases.map((candidate) => candidate.id).join(", ")}`);
}
