/**
 * The header of a .npy array.
 *
 * Idea: it is a Python dict literal, of which only what numpy writes is read: three keys, a text, a bool and a tuple of integers. Nothing is
 * evaluated. Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, versions 1.0, 2.0 and 3.0.
 */
import { encodeUtf8 } from "../../arrow/utf8.ts";
import { FormatError, UnsupportedTypeError } from "../../errors.ts";
import { concatBytes } from "../../io/concat-bytes.ts";
import { formatValue } from "../../legolas/format-value.ts";
import type { ElementType } from "../../weights/element-type.ts";
import { type ElementCoding, elementCoding, typeString } from "./type-string.ts";

export interface NpyHeader extends ElementCoding {
  /** The first index varies fastest, as in Fortran; otherwise the last. */
  readonly isFortran: boolean;
  readonly shape: readonly number[];
}

/** Bytes up to the length of the header, which is of 2 bytes in version 1 and of 4 in later ones. */
export const prefixBytes = 8;

/** A tuple of 64 dimensions, numpy's limit, takes less; more is not allocated for. */
const maxHeaderBytes = 65_536;
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const;
const damaged = "The file is damaged, or is no array of numpy's: write it again with np.savez";

/** The version that the first bytes of an array name. @throws {FormatError} They are not those of an array. */
export function parsePrefix(
  prefix: Uint8Array,
  subject: string,
): { readonly lengthBytes: 2 | 4; readonly encoding: string } {
  if (magic.some((byte, i) => prefix[i] !== byte)) {
    const found = formatValue(String.fromCharCode(...prefix.subarray(0, magic.length)));
    throw new FormatError({ subject, expected: "the bytes that begin a .npy array", found, remedy: damaged });
  }
  const [major, minor] = [prefix[6], prefix[7]];
  if (minor === 0 && major === 1) return { lengthBytes: 2, encoding: "latin1" };
  if (minor === 0 && (major === 2 || major === 3))
    return { lengthBytes: 4, encoding: major === 2 ? "latin1" : "utf-8" };
  throw new FormatError({
    subject,
    expected: "version 1.0, 2.0 or 3.0 of the format",
    found: `${major}.${minor}`,
    remedy: damaged,
  });
}

/** The number of bytes of the header. @throws {FormatError} No array needs so many. */
export function parseHeaderLength(bytes: Uint8Array, subject: string): number {
  const length = bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
  if (length <= maxHeaderBytes) return length;
  throw new FormatError({
    subject: `${subject}: header`,
    expected: `at most ${maxHeaderBytes} bytes`,
    found: `${length}`,
    remedy: damaged,
  });
}

/**
 * Reads the dict of a header.
 *
 * @throws {FormatError} It is not such a dict.
 * @throws {UnsupportedTypeError} The elements are none that weights can have.
 */
export function parseHeader(bytes: Uint8Array, encoding: string, subject: string): NpyHeader {
  const text = decode(bytes, encoding, subject);
  const { descr, fortran_order: isFortran, shape } = new DictReader(text, subject).read();
  const coding = elementCoding(descr, subject);
  const byteLength = shape.reduce((product, dimension) => product * dimension, coding.itemBytes);
  if (Number.isSafeInteger(byteLength)) return { ...coding, isFortran, shape };
  throw new FormatError({
    subject: `${subject}: shape`,
    expected: "less than 2^53 bytes",
    found: `(${shape.join(", ")})`,
    remedy: damaged,
  });
}

function decode(bytes: Uint8Array, encoding: string, subject: string): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    const facts = { subject: `${subject}: header`, expected: encoding, found: "other bytes", remedy: damaged };
    throw new FormatError(facts, { cause });
  }
}

interface Dict {
  readonly descr: string;
  readonly fortran_order: boolean;
  readonly shape: readonly number[];
}

/** Reads the literal token by token. */
class DictReader {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly subject: string,
  ) {}

  read(): Dict {
    const draft: { descr?: string; fortran_order?: boolean; shape?: number[] } = {};
    this.take(/\{/y, "a dict");
    while (!this.takes(/\}/y)) {
      const key = this.string("a key");
      if (Object.hasOwn(draft, key)) this.fail("each key once", formatValue(key));
      this.take(/:/y, '":" after a key');
      if (key === "descr") draft.descr = this.descr();
      else if (key === "fortran_order") draft.fortran_order = this.take(/True|False/y, "True or False") === "True";
      else if (key === "shape") draft.shape = this.tuple();
      else this.fail("descr, fortran_order and shape only", formatValue(key));
      if (!this.takes(/,/y)) {
        this.take(/\}/y, '"," or "}"');
        break;
      }
    }
    this.take(/\s*$/y, "nothing after the dict");
    const { descr, fortran_order, shape } = draft;
    if (descr === undefined || fortran_order === undefined || shape === undefined) {
      return this.fail("descr, fortran_order and shape", Object.keys(draft).join(", ") || "none of them");
    }
    return { descr, fortran_order, shape };
  }

  /** A structured type is a list of fields. */
  private descr(): string {
    if (!this.takes(/\[/y)) return this.string("a type in quotes");
    const remedy = "Save each field as an array of its own";
    throw new UnsupportedTypeError(this.subject, "a structured type", remedy);
  }

  private string(expected: string): string {
    return this.take(/'[^'\\]*'|"[^"\\]*"/y, expected).slice(1, -1);
  }

  private tuple(): number[] {
    const numbers: number[] = [];
    this.take(/\(/y, "a tuple");
    while (!this.takes(/\)/y)) {
      // Python 2 wrote long integers as 3L.
      const digits = this.take(/\d{1,16}(?=L?\s*[,)])/y, "a length");
      this.takes(/L/y);
      numbers.push(Number(digits));
      if (this.takes(/,/y)) continue;
      this.take(/\)/y, '"," or ")"');
      // (3) is a number in parentheses, no tuple.
      if (numbers.length === 1) this.fail("a tuple", `(${digits})`);
      break;
    }
    return numbers;
  }

  private takes(token: RegExp): string | null {
    const space = /\s*/y;
    space.lastIndex = this.at;
    space.test(this.text);
    token.lastIndex = space.lastIndex;
    const [match] = token.exec(this.text) ?? [];
    if (match === undefined) return null;
    this.at = token.lastIndex;
    return match;
  }

  private take(token: RegExp, expected: string): string {
    return this.takes(token) ?? this.fail(expected, formatValue(this.text.slice(this.at, this.at + 40)));
  }

  private fail(expected: string, found: string): never {
    const subject = `${this.subject}: header, at character ${this.at}`;
    throw new FormatError({ subject, expected, found, remedy: damaged });
  }
}

/** The bytes before the elements of an array in C order: version 1.0, padded to 64 bytes, as numpy writes them. */
export function encodeHeader(type: ElementType, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const dict = `{'descr': '${typeString(type)}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const before = prefixBytes + 2;
  const total = Math.ceil((before + dict.length + 1) / 64) * 64;
  const text = encodeUtf8(`${dict.padEnd(total - before - 1)}\n`);
  return concatBytes([new Uint8Array([...magic, 1, 0, text.length & 0xff, text.length >> 8]), text]);
}
