/** How numpy writes the types of elements: byte order, kind, bytes. */
import { UnsupportedTypeError } from "../../errors.ts";
import { formatValue } from "../../legolas/format-value.ts";
import { bytesPerElement, type ElementType } from "../../weights/element-type.ts";

/** What elements are, and how they are stored. */
export interface ElementCoding {
  readonly elementType: ElementType;
  readonly itemBytes: number;
  readonly isBigEndian: boolean;
}

const codes: Readonly<Record<ElementType, string>> = {
  bool: "b1",
  int8: "i1",
  int16: "i2",
  int32: "i4",
  int64: "i8",
  uint8: "u1",
  uint16: "u2",
  uint32: "u4",
  uint64: "u8",
  float16: "f2",
  float32: "f4",
  float64: "f8",
};

const typesByCode: ReadonlyMap<string, ElementType> = new Map(
  Object.entries(codes).map(([type, code]) => [code, type as ElementType]),
);

/** The text for elements of a type, little-endian. */
export function typeString(type: ElementType): string {
  return (bytesPerElement(type) === 1 ? "|" : "<") + codes[type];
}

/** @throws {UnsupportedTypeError} Weights cannot have such elements. */
export function elementCoding(descr: string, subject: string): ElementCoding {
  const [, order, code = ""] = /^([<>|])([a-zA-Z]\d*(?:\[.*\])?)$/.exec(descr) ?? [];
  const elementType = typesByCode.get(code);
  const itemBytes = elementType ? bytesPerElement(elementType) : 0;
  if (elementType && (order !== "|" || itemBytes === 1)) {
    return { elementType, itemBytes, isBigEndian: order === ">" && itemBytes > 1 };
  }
  throw new UnsupportedTypeError(subject, `${kindOf(code)} (${formatValue(descr)})`, remedyFor(code));
}

const kinds: Readonly<Record<string, string>> = {
  c: "complex numbers",
  f: "floats of this width",
  O: "Python objects",
  S: "byte strings",
  U: "strings",
  V: "raw bytes",
  M: "dates",
  m: "durations",
};

function kindOf(code: string): string {
  return kinds[code.slice(0, 1)] ?? "a type of its own";
}

function remedyFor(code: string): string {
  if (code.startsWith("c")) return "Save the real and the imaginary parts as two arrays";
  // The name under which numpy saves the types of ml_dtypes, which are JAX's and TensorFlow's.
  if (code === "V2") return "If it is bfloat16, save it as array.astype(np.float32)";
  return "Save it in a type that numbers of weights have, such as float32 or int64";
}
