/** Models of 3 MiB whose every value is the same number, so that a mixture of two saves is noticed. */
import { FlatArray, ModelV1, readModelRow, Weights } from "legolas-flux";

const elements = 2 ** 18;

/** A number from 0 up to, not including, 2^24, in three arrays. */
export function uniformModel(value: number): ModelV1 {
  const arrays = [0, 1, 2].map(() => new FlatArray(new Float32Array(elements).fill(value), [elements / 2, 2]));
  return ModelV1({ weights: new Weights(arrays), architecture_version: value });
}

/** The number of a saved model. @throws {Error} The file is not wholly of one save. */
export async function readUniform(path: string): Promise<number> {
  const { weights, architecture_version: value } = await readModelRow(path, ModelV1);
  const isWhole =
    weights?.length === 3 &&
    weights.arrays.every(({ vec, length }) => length === elements && (vec as Float32Array).every((x) => x === value));
  if (!isWhole || value === null) throw new Error(`${path} is not of one save`);
  return value;
}
