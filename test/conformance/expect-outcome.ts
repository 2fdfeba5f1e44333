/** Comparing what a library made of a file with what is in it. */
import { isDeepStrictEqual } from "node:util";
import { type AnySchemaVersion, decodeTable } from "legolas-flux/legolas";
import { expect } from "vitest";
import type { Library } from "./libraries.ts";
import type { Outcome } from "./outcome.ts";
import type { WrittenFile } from "./written-file.ts";

/** As `toEqual`, which takes minutes where large values are equal. */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual, what).toEqual(expected);
}

/** Expects that a library read a file value by value, or deviated exactly as it is known to. */
export function expectRead(library: Library, file: WrittenFile, outcome: Outcome | undefined): void {
  expect(outcome, file.name).toBeDefined();
  const { error, columns = {}, types, elementTypes } = outcome ?? {};
  const deviation = library.deviations.find(({ of }) => of(file));
  if (deviation?.refuses) {
    expect(error, `${file.name} is known to be refused`).toMatch(deviation.refuses);
    return;
  }
  expect(error, file.name).toBeUndefined();
  const names = library.columns ?? Object.keys(file.columns);
  for (const name of names) {
    const values = file.columns[name] ?? [];
    expectSame(columns[name], deviation?.as?.(values, name) ?? values, `${file.name}, column ${name}`);
  }
  for (const [name, values] of Object.entries(columns)) {
    if (!(name in file.columns))
      expect(
        values.filter((value) => value !== null),
        `${file.name}, ${name}`,
      ).toEqual([]);
  }
  if (types) expect(types, file.name).toMatchObject(file.types);
  if (elementTypes && file.elementType) expect(new Set(elementTypes)).toEqual(new Set([file.elementType]));
}

function recordsIn(bytes: Uint8Array, schemaVersion: AnySchemaVersion): readonly object[] {
  return decodeTable(bytes, { schemaVersion: schemaVersion as never }).records();
}

/** Expects that we read the same records from a library's copy of a file as from the file, or that it deviates exactly as it is known to. */
export function expectCopy(library: Library, file: WrittenFile, outcome: Outcome, read: () => Uint8Array): void {
  const deviation = library.copies.find(({ of }) => of(file));
  const copied = (): readonly object[] => {
    if (outcome.copy?.error !== undefined) throw new Error(`${library.name} cannot write it: ${outcome.copy.error}`);
    return recordsIn(read(), file.schemaVersion);
  };
  if (deviation?.refuses) {
    expect(copied, `${file.name} is known to be refused`).toThrow(deviation.refuses);
    return;
  }
  const expected = recordsIn(file.bytes, file.schemaVersion);
  expectSame(copied(), deviation?.as?.(expected, "") ?? expected, `the copy of ${file.name}`);
}
