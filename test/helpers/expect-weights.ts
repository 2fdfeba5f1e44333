import { type FlatArray, Weights } from "legolas-flux";
import { expect } from "vitest";
import type { JuliaArray } from "./julia-fixtures.ts";

type Values = JuliaArray["values"];

/** For each of Julia's element types, ours, and the elements as our typed array. */
const elementTypes: Readonly<Record<string, readonly [string, (values: Values) => ArrayBufferView]>> = {
  Bool: ["bool", (values) => Uint8Array.from(values, Number)],
  Int8: ["int8", (values) => Int8Array.from(values, Number)],
  Int32: ["int32", (values) => Int32Array.from(values, Number)],
  Int64: ["int64", (values) => BigInt64Array.from(values, BigInt)],
  UInt8: ["uint8", (values) => Uint8Array.from(values, Number)],
  UInt16: ["uint16", (values) => Uint16Array.from(values, Number)],
  UInt64: ["uint64", (values) => BigUint64Array.from(values, BigInt)],
  // Widening is exact, and Node 20 has no Float16Array to compare with.
  Float16: ["float16", (values) => Float32Array.from(values, Number)],
  Float32: ["float32", (values) => Float32Array.from(values, Number)],
  Float64: ["float64", (values) => Float64Array.from(values, Number)],
  // The abstract type of Float32 and Int together: Julia stores what they promote to.
  Real: ["float32", (values) => Float32Array.from(values, Number)],
};

function bitsOf({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("hex");
}

function expectArray(actual: FlatArray, { eltype, size, values }: JuliaArray): void {
  const [elementType, elementsOf] = elementTypes[eltype] ?? [];
  if (!elementsOf) throw new Error(`expectWeights: no element type for ${eltype}`);
  const elements = elementsOf(values);
  const found = elementType === "float16" ? actual.toFloat32() : actual.vec;
  expect(actual.elementType).toBe(elementType);
  expect(actual.size).toEqual(size);
  expect(actual.length).toBe(values.length);
  expect(found).toEqual(elements);
  expect(bitsOf(found)).toBe(bitsOf(elements));
}

/** Expects weights to be those of the manifest: element type, sizes, and every value, bit by bit; and nothing that Julia does not store. */
export function expectWeights(actual: unknown, expected: readonly JuliaArray[] | null): void {
  if (expected === null) {
    expect(actual).toBeNull();
    return;
  }
  expect(actual).toBeInstanceOf(Weights);
  const weights = actual as Weights;
  expect(weights.length).toBe(expected.length);
  expect(weights.names).toBeNull();
  expect(weights.layout ?? "flux").toBe("flux");
  for (const [i, array] of expected.entries()) expectArray(weights.at(i)!, array);
}
