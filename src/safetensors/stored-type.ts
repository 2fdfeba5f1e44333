/**
 * The element types of safetensors.
 *
 * Source: https://github.com/huggingface/safetensors, `Dtype`.
 */
import { bytesPerElement, type ElementType, isElementType } from "../weights/element-type.ts";

/** What elements are in a file: one of our own types, or bfloat16, which is held as float32. */
export type StoredType = ElementType | "bfloat16";

const names: Readonly<Record<StoredType, string>> = {
  bool: "BOOL",
  int8: "I8",
  int16: "I16",
  int32: "I32",
  int64: "I64",
  uint8: "U8",
  uint16: "U16",
  uint32: "U32",
  uint64: "U64",
  float16: "F16",
  bfloat16: "BF16",
  float32: "F32",
  float64: "F64",
};

const types: ReadonlyMap<string, StoredType> = new Map(
  Object.entries(names).map(([type, name]) => [name, type as StoredType]),
);

/** Types of the format that nothing here holds. */
const unsupported: readonly string[] = [
  ...["F4", "F6_E2M3", "F6_E3M2", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"],
  "C64",
];

/** Every name that a header may have for a type of ours. */
export const dtypeNames: readonly string[] = [...types.keys()];

/** The name that a header has for a type. */
export function dtypeOf(type: StoredType): string {
  return names[type];
}

/** The type that a header names; `"unsupported"` for those of the format that cannot be held, null for other text. */
export function storedTypeOf(dtype: string): StoredType | "unsupported" | null {
  return types.get(dtype) ?? (unsupported.includes(dtype) ? "unsupported" : null);
}

export function isStoredType(text: string): text is StoredType {
  return text === "bfloat16" || isElementType(text);
}

/** The type of the elements in memory. */
export function heldType(type: StoredType): ElementType {
  return type === "bfloat16" ? "float32" : type;
}

/** Bytes of an element in a file. */
export function storedBytes(type: StoredType): number {
  return type === "bfloat16" ? 2 : bytesPerElement(type);
}
