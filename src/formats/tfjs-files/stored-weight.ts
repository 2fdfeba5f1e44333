/** A weight whose elements are still in the files of a model. */
import type { TypedArray } from "../../arrow/array-data.ts";
import { FormatError } from "../../errors.ts";
import type { ByteRange } from "../../io/read-plan.ts";
import type { ElementType } from "../../weights/element-type.ts";
import { product } from "../../weights/flat-array.ts";
import { bytesOfElements, type StoredArray } from "../../weights/stored-array.ts";
import { type Quantization, subjectOf, type WeightSpec } from "./weight-spec.ts";

export class StoredWeight implements StoredArray {
  /** Halves stay halves: they widen exactly when they are loaded. */
  readonly type: ElementType;
  readonly length: number;
  /** The shape reversed, since the elements are row-major. */
  readonly size: readonly number[];
  readonly place: ByteRange;

  /** @param position - Of the first element, in bytes from the start of all files. */
  constructor(
    private readonly spec: WeightSpec,
    position: number,
  ) {
    this.type = spec.quantization === "float16" ? "float16" : spec.dtype;
    this.length = product(spec.shape);
    this.size = Object.freeze(spec.shape.toReversed());
    this.place = { position, length: spec.byteLength };
  }

  landing(vec: TypedArray): Uint8Array | null {
    return this.integers ? null : bytesOfElements(vec);
  }

  unpack(vec: TypedArray, bytes: Uint8Array): void {
    if (this.integers) dequantize(vec, bytes, this.integers);
    else if (this.type === "bool") this.checkBools(vec as Uint8Array);
  }

  part(from: number, to: number): StoredWeight {
    // Elements of a weight all have one width, which those of one without any need not have.
    const bytes = this.length === 0 ? 0 : this.spec.byteLength / this.length;
    const spec = { ...this.spec, shape: [to - from], byteLength: (to - from) * bytes };
    return new StoredWeight(spec, this.place.position + from * bytes);
  }

  private get integers(): Quantization | null {
    const { quantization } = this.spec;
    return quantization === "float16" ? null : quantization;
  }

  private checkBools(vec: Uint8Array): void {
    const index = vec.findIndex((element) => element > 1);
    if (index < 0) return;
    throw new FormatError({
      subject: subjectOf(this.spec.name),
      expected: "bools, 0 or 1",
      found: `${vec[index]} at element ${index}`,
      remedy: "The files of weights are damaged: save the model again",
    });
  }
}

/** The numbers that quantized integers stand for, computed and rounded as `decodeWeight` of tfjs-core does it. */
function dequantize(vec: TypedArray, bytes: Uint8Array, { dtype, scale, min }: Quantization): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isInteger = vec instanceof Int32Array;
  for (let i = 0; i < vec.length; i++) {
    const value = (dtype === "uint8" ? view.getUint8(i) : view.getUint16(2 * i, true)) * scale + min;
    vec[i] = isInteger ? Math.round(value) : value;
  }
}
