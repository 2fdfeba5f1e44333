/** Models of 3 MiB whose every value is the same number, so that a mixture of two saves is noticed. */
import { FlatArray, ModelV1, readModelRow, readModelRows, Weights } from "legolas-flux";

const elements = 2 ** 18;

/** A number from 0 up to, not including, 2^24, in three arrays. */
export function uniformModel(value: number): ModelV1 {
  const arrays = [0, 1, 2].map(() => new FlatArray(new Float32Array(elements).fill(value), [elements / 2, 2]));
  return ModelV1({ weights: new Weights(arrays), architecture_version: value });
}

/** The number of a saved model. @throws {Error} The file is not wholly of one save. */
export async function readUniform(path: string): Promise<number> {
  return numberOf(await readModelRow(path, ModelV1), path);
}

/** The numbers of a table's models. @throws {Error} A row is not wholly of one model. */
export async function readUniformRows(path: string): Promise<number[]> {
  const numbers: number[] = [];
  for await (const row of readModelRows(path, ModelV1)) numbers.push(numberOf(row, path));
  return numbers;
}

function numberOf({ weights, architecture_version: value }: ModelV1, path: string): number {
  const isWhole = weights?.length === 3 && weights.arrays.every(({ vec }) => isUniform(vec as Float32Array, value));
  if (!isWhole || value === null) throw new Error(`${path} has values of another model than ${value}`);
  return value;
}

/** Whether the first element is the value, and each of the others is as the one before it. */
function isUniform(vec: Float32Array, value: number | null): boolean {
  const bytes = Buffer.from(vec.buffer, vec.byteOffset, vec.byteLength);
  const isSame = Buffer.compare(bytes.subarray(4), bytes.subarray(0, -4)) === 0;
  return vec.length === elements && vec[0] === value && isSame;
}
