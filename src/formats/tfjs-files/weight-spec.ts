/**
 * An entry of a weights manifest, checked.
 *
 * Source: https://github.com/tensorflow/tfjs, `WeightsManifestEntry` and `decodeWeight` of tfjs-core 4.22.
 */
import { FormatError, UnsupportedTypeError } from "../../errors.ts";
import { formatValue } from "../../legolas/format-value.ts";
import { product } from "../../weights/flat-array.ts";
import { listIn, objectIn, textIn } from "./checked-json.ts";

/** What TensorFlow.js computes with. */
export type TensorType = "float32" | "int32" | "bool";

/** Integers of so many bits that stand for `value * scale + min`. */
export interface Quantization {
  readonly dtype: "uint8" | "uint16";
  readonly scale: number;
  readonly min: number;
}

export interface WeightSpec {
  readonly name: string;
  /** Row-major. */
  readonly shape: readonly number[];
  readonly dtype: TensorType;
  /** How the elements are stored, where it is otherwise than their type; float16 are halves of float32. */
  readonly quantization: Quantization | "float16" | null;
  readonly byteLength: number;
}

const bytesOf = { float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2 } as const;

export function subjectOf(name: string): string {
  return `weight ${formatValue(name)}`;
}

/** @throws {FormatError | UnsupportedTypeError} It is none that can be read. */
export function readWeightSpec(value: unknown, subject: string): WeightSpec {
  const entry = objectIn(value, subject);
  const name = textIn(entry.name, `${subject}: name`);
  const own = subjectOf(name);
  const shape = listIn(entry.shape, `${own}: shape`).map((dimension) => lengthIn(dimension, own));
  const dtype = tensorTypeIn(entry.dtype, own);
  const quantization = quantizationIn(entry.quantization, dtype, own);
  const byteLength = product(shape) * bytesOf[storedAs(dtype, quantization)];
  if (Number.isSafeInteger(byteLength)) return { name, shape, dtype, quantization, byteLength };
  throw wrong(`${own}: shape`, "less than 2^53 bytes", `[${shape.slice(0, 8).join(", ")}]`);
}

function storedAs(dtype: TensorType, quantization: WeightSpec["quantization"]): keyof typeof bytesOf {
  if (quantization === null) return dtype;
  return quantization === "float16" ? "float16" : quantization.dtype;
}

function lengthIn(dimension: unknown, subject: string): number {
  if (Number.isSafeInteger(dimension) && (dimension as number) >= 0) return dimension as number;
  throw wrong(`${subject}: shape`, "whole numbers from 0", formatValue(dimension));
}

function tensorTypeIn(dtype: unknown, subject: string): TensorType {
  if (dtype === "float32" || dtype === "int32" || dtype === "bool") return dtype;
  if (dtype === "string" || dtype === "complex64") {
    throw new UnsupportedTypeError(subject, dtype, "Weights are numbers: save the model without it");
  }
  throw wrong(`${subject}: dtype`, "float32, int32 or bool", formatValue(dtype));
}

function quantizationIn(value: unknown, dtype: TensorType, subject: string): WeightSpec["quantization"] {
  if (value === undefined || value === null) return null;
  const { dtype: stored, scale, min } = objectIn(value, `${subject}: quantization`);
  if (stored === "float16" && dtype === "float32") return "float16";
  const isInteger = stored === "uint8" || stored === "uint16";
  if (!isInteger || dtype === "bool") {
    const expected = "uint8 or uint16 for float32 and int32, or float16 for float32";
    throw wrong(`${subject}: quantization`, expected, `${formatValue(stored)} for ${dtype}`);
  }
  if (Number.isFinite(scale) && Number.isFinite(min))
    return { dtype: stored, scale: scale as number, min: min as number };
  throw wrong(`${subject}: quantization`, "numbers for scale and min", `${formatValue(scale)} and ${formatValue(min)}`);
}

function wrong(subject: string, expected: string, found: string): FormatError {
  return new FormatError({
    subject,
    expected,
    found,
    remedy: "The manifest is damaged: save or convert the model again",
  });
}
