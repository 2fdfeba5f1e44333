/** Which arrays of two files the viewer compares, and how. */
import { encodeModelRow, FlatArray, ModelV1, Weights } from "legolas-flux";
import { schema, t } from "legolas-flux/legolas";
import { encodeSafetensors } from "legolas-flux/safetensors";
import { describe, expect, it } from "vitest";
import type { Comparison } from "../../viewer/src/protocol.ts";
import { compareFiles } from "../../viewer/src/worker/compare-files.ts";
import { closeFile, openFile } from "../../viewer/src/worker/open-files.ts";
import { viewPair } from "../../viewer/src/worker/view-array.ts";

const fileOf = (bytes: Uint8Array): File => new File([new Uint8Array(bytes)], "a");
const modelOf = (weights: Weights): File => fileOf(encodeModelRow(ModelV1({ weights })));

type Ids = readonly [a: number, b: number];

async function opened<T>(a: File, b: File, use: (ids: Ids) => Promise<T>): Promise<T> {
  const ids = await Promise.all([a, b].map(async (file) => (await openFile(file, 0, () => {})).id));
  try {
    return await use(ids as unknown as Ids);
  } finally {
    await Promise.all(ids.map(closeFile));
  }
}

const compare = (a: File, b: File): Promise<Comparison> =>
  opened(a, b, (ids) => compareFiles(...ids, () => {}, new AbortController().signal));

const statuses = ({ pairs }: Comparison): string[] => pairs.map(({ status }) => status);

describe("comparing files", () => {
  it.each([
    ["read in pieces", 1_200_000],
    ["of which samples are read", 2 ** 22 + 3],
  ])("arrays of one shape are compared whatever their elements are, %s", async (_, length) => {
    const values = Float32Array.from({ length }, (_, i) => i % 1000);
    const other = Float64Array.from(values);
    other[length - 1] = -1;
    const [a, b] = [values, other].map((data) => modelOf(new Weights([new FlatArray(data, [length])]))) as [File, File];
    const { pairs } = await compare(a, b);
    expect(pairs).toMatchObject([{ status: "changed", difference: { differing: 1 } }]);
    expect(statuses(await compare(b, a))).toEqual(["changed"]);
    const pair = await opened(a, b, ([left, right]) => {
      const place = { column: "weights", index: 0 };
      return viewPair({ ...place, file: left }, { ...place, file: right }, null, new AbortController().signal);
    });
    expect([pair.a.read, pair.a.pieces]).toEqual([pair.b.read, pair.b.pieces]);
  });

  it("arrays without names meet by their positions, whatever the only weights of a file are called", async () => {
    const arrays = [1, 2].map((value) => new FlatArray(new Float32Array(4).fill(value), [4]));
    const tensors = fileOf(encodeSafetensors(new Weights(arrays, { names: ["a", "b"] })));
    const model = modelOf(new Weights(arrays));
    for (const [a, b] of [
      [model, tensors],
      [tensors, model],
    ] as const) {
      const comparison = await compare(a, b);
      expect([comparison.matchedBy, ...statuses(comparison)]).toEqual(["position", "same", "same"]);
    }
  });

  it("arrays without names of several columns meet those of the same column", async () => {
    const weightsOf = (value: number): Weights => new Weights([new FlatArray(new Float32Array(4).fill(value), [4])]);
    const Forth = schema("viewer.forth").version(1, { fields: { first: t.weights, second: t.weights } });
    const Back = schema("viewer.back").version(1, { fields: { second: t.weights, first: t.weights } });
    const row = { first: weightsOf(1), second: weightsOf(2) };
    const comparison = await compare(
      fileOf(encodeModelRow(Forth(row), Forth)),
      fileOf(encodeModelRow(Back(row), Back)),
    );
    expect(statuses(comparison)).toEqual(["same", "same"]);
  });
});
