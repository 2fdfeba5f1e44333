/** A tensor whose elements are still in its file. */
import type { TypedArray } from "../arrow/array-data.ts";
import { FormatError } from "../errors.ts";
import type { ByteRange } from "../io/read-plan.ts";
import { allocateElements, type ElementType, viewElements } from "../weights/element-type.ts";
import { FlatArray, product } from "../weights/flat-array.ts";
import { bytesOfElements, type StoredArray } from "../weights/stored-array.ts";
import { bfloat16Landing, widenBfloat16 } from "./bfloat16.ts";
import { subjectOf, type TensorInfo } from "./read-header.ts";
import { heldType, storedBytes } from "./stored-type.ts";

export class StoredTensor implements StoredArray {
  readonly type: ElementType;
  readonly length: number;
  /** The shape reversed, since the elements are row-major. */
  readonly size: readonly number[];
  readonly place: ByteRange;

  constructor(private readonly info: TensorInfo) {
    this.type = heldType(info.type);
    this.length = product(info.shape);
    this.size = Object.freeze(info.shape.toReversed());
    this.place = { position: info.position, length: info.byteLength };
  }

  landing(vec: TypedArray): Uint8Array {
    return vec instanceof Float32Array && this.info.type === "bfloat16" ? bfloat16Landing(vec) : bytesOfElements(vec);
  }

  unpack(vec: TypedArray): void {
    if (this.info.type === "bool") this.checkBools(vec as Uint8Array);
    else if (this.info.type === "bfloat16") widenBfloat16(vec as Float32Array);
  }

  part(from: number, to: number): StoredTensor {
    const bytes = storedBytes(this.info.type);
    return new StoredTensor({
      ...this.info,
      shape: [to - from],
      position: this.info.position + from * bytes,
      byteLength: (to - from) * bytes,
    });
  }

  /** The array in the bytes of the whole file: a view of them where they are aligned and need no widening. */
  within(file: Uint8Array): FlatArray {
    const bytes = file.subarray(this.place.position, this.place.position + this.place.length);
    if (this.info.type !== "bfloat16") {
      const vec = viewElements(this.type, bytes);
      this.unpack(vec);
      return new FlatArray(vec, this.size, this.type);
    }
    const vec = allocateElements(this.type, this.length);
    this.landing(vec).set(bytes);
    this.unpack(vec);
    return new FlatArray(vec, this.size, this.type);
  }

  private checkBools(vec: Uint8Array): void {
    const index = vec.findIndex((element) => element > 1);
    if (index < 0) return;
    throw new FormatError({
      subject: subjectOf(this.info.name),
      expected: "bools, 0 or 1",
      found: `${vec[index]} at element ${index}`,
      remedy: "If they are numbers, write them as U8",
      byteOffset: this.place.position + index,
    });
  }
}
