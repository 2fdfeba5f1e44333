/** An array of numpy's, read from a stream of bytes. */
import type { TypedArray } from "../../arrow/array-data.ts";
import { FormatError, SourceError } from "../../errors.ts";
import { allocateElements } from "../../weights/element-type.ts";
import { FlatArray, product } from "../../weights/flat-array.ts";
import { bytesOfElements } from "../../weights/stored-array.ts";
import type { StreamReader } from "../stream-reader.ts";
import { type NpyHeader, parseHeader, parseHeaderLength, parsePrefix, prefixBytes } from "./npy-header.ts";

/**
 * Reads an array, whose size is numpy's shape reversed.
 *
 * An array in Fortran's order is put into C's, so that the size depends on the shape alone and not on how numpy happened to hold it.
 *
 * @param size - Bytes that the array says it has, checked before they are allocated.
 * @throws {FormatError | UnsupportedTypeError} It is no array that weights can be.
 */
export async function readNpyArray(reader: StreamReader, size: number, subject: string): Promise<FlatArray> {
  const { lengthBytes, encoding } = parsePrefix(await reader.take(prefixBytes), subject);
  const headerLength = parseHeaderLength(await reader.take(lengthBytes), subject);
  const header = parseHeader(await reader.take(headerLength), encoding, subject);
  const found = size - prefixBytes - lengthBytes - headerLength;
  const length = product(header.shape);
  if (found !== length * header.itemBytes) {
    throw new FormatError({
      subject,
      expected: `${length * header.itemBytes} bytes for ${header.elementType} of shape (${header.shape.join(", ")})`,
      found: `${found}`,
      remedy: "The file is damaged: write it again with np.savez",
    });
  }
  const vec = allocate(header, length, reader.location, subject);
  await reader.fill(bytesOfElements(vec));
  if (header.isBigEndian) swapBytes(bytesOfElements(vec), header.itemBytes);
  if (header.elementType === "bool") checkBools(vec as Uint8Array, subject);
  const ordered = header.isFortran ? toRowMajor(vec, header) : vec;
  return new FlatArray(ordered, header.shape.toReversed(), header.elementType);
}

function allocate({ elementType }: NpyHeader, length: number, location: string, subject: string): TypedArray {
  try {
    return allocateElements(elementType, length);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const remedy = "There is not enough memory for it in this process";
    throw new SourceError(location, `reading ${subject}, ${length} elements of ${elementType}, from`, cause, remedy);
  }
}

function swapBytes(bytes: Uint8Array, width: number): void {
  for (let start = 0; start < bytes.length; start += width) bytes.subarray(start, start + width).reverse();
}

function checkBools(vec: Uint8Array, subject: string): void {
  const index = vec.findIndex((element) => element > 1);
  if (index < 0) return;
  throw new FormatError({
    subject,
    expected: "bools, 0 or 1",
    found: `${vec[index]} at element ${index}`,
    remedy: "If they are numbers, save them as uint8",
  });
}

/** The elements with the last index fastest, in new memory. */
function toRowMajor(vec: TypedArray, { elementType, shape }: NpyHeader): TypedArray {
  if (shape.filter((dimension) => dimension > 1).length < 2) return vec;
  const ordered = allocateElements(elementType, vec.length);
  const strides = shape.map((_, axis) => product(shape.slice(0, axis)));
  const last = shape.length - 1;
  const [rowLength, step] = [shape[last] as number, strides[last] as number];
  const index = shape.map(() => 0);
  for (let start = 0; start < vec.length; start += rowLength) {
    let from = index.reduce((sum, position, axis) => sum + position * (strides[axis] as number), 0);
    for (let i = 0; i < rowLength; i++, from += step) ordered[start + i] = vec[from] as never;
    for (let axis = last - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      index[axis] = 0;
    }
  }
  return ordered;
}
