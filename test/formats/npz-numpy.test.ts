/** Every archive that numpy wrote, against what numpy says of it. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isLegolasError, UnsupportedTypeError } from "legolas-flux";
import { expect, it } from "vitest";
import { fromNpz } from "../../src/formats/npz/from-npz.ts";
import { bytesOfArray } from "../helpers/arbitrary-weights.ts";

interface Described {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly hex: string;
}

const folder = new URL("../golden/npz/", import.meta.url);
const pathOf = (name: string): string => fileURLToPath(new URL(name, folder));
const manifest = JSON.parse(readFileSync(pathOf("manifest.json"), "utf8")) as Readonly<Record<string, Described[]>>;

it("the folder holds the files of the manifest and no others", () => {
  const names = readdirSync(folder).filter((name) => name.endsWith(".npz"));
  expect(names.sort()).toEqual(Object.keys(manifest).sort());
});

it.each(Object.entries(manifest))("%s is read as numpy reads it", async (name, described) => {
  const { weights, metadata } = await fromNpz(pathOf(name));
  expect(metadata).toEqual({});
  expect(weights.layout).toBe("unknown");
  expect(
    weights.arrays.map((array, i) => ({
      name: weights.names?.[i],
      dtype: array.elementType,
      shape: array.size.toReversed(),
      hex: bytesOfArray(array).toString("hex"),
    })),
  ).toEqual(described);
});

it.each(readdirSync(new URL("refused/", folder)))("refused/%s is refused by the name of its type", async (name) => {
  const error = await fromNpz(pathOf(`refused/${name}`)).catch((reason: unknown) => reason);
  // Objects are pickled, which has no array behind it; numpy's own header names them all the same.
  expect(error).toBeInstanceOf(UnsupportedTypeError);
  expect(isLegolasError(error) && error.message).toMatch(
    /array "a".*(complex numbers|objects|strings|structured|dates|width|bytes)/,
  );
});
