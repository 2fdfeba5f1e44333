/** safetensors files of any content, right or wrong, made without the package. */

export interface RawFile {
  /** The header as text, bytes, or a value that is put into JSON. */
  readonly header: string | Uint8Array | object;
  /** What the first eight bytes say. Default: the header's length. */
  readonly length?: bigint;
  /** The data, or how many zeros. Default: none. */
  readonly data?: Uint8Array | number;
}

/** The bytes of a file. */
export function safetensorsBytes({ header, length, data = 0 }: RawFile): Uint8Array {
  const json =
    header instanceof Uint8Array
      ? header
      : Buffer.from(typeof header === "string" ? header : JSON.stringify(header), "utf8");
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length ?? BigInt(json.length));
  // Memory of its own, at an address that every element type may have.
  return Uint8Array.from(Buffer.concat([prefix, json, typeof data === "number" ? Buffer.alloc(data) : data]));
}
