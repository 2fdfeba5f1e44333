/**
 * JSON, read part by part and strictly: no name twice, names in their order, integers exact, every fault with its position.
 *
 * Source: RFC 8259.
 */
import { FormatError } from "../errors.ts";
import { formatValue } from "../legolas/format-value.ts";

const damaged = "The file is damaged, or was written by a faulty program: fetch or write it again";
const maxDepth = 64;
const wholeNumber = /(?:0|[1-9]\d{0,15})(?![\d.eE])/y;
const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const constants: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

/** Text whose values are asked for in order. */
export class JsonReader {
  private at = 0;

  /**
   * @param origin - Position of the text in its file, in bytes.
   */
  constructor(
    private readonly text: string,
    private readonly origin: number,
  ) {}

  /** Where the next value stands, for {@link byteOffset}. */
  position(): number {
    this.skipSpace();
    return this.at;
  }

  /** The place in the file of a position in the text. */
  byteOffset(position: number): number {
    return this.origin + new TextEncoder().encode(this.text.slice(0, position)).length;
  }

  /** An object: `visit` is called for each name, in order, and reads its value. */
  object(subject: string, visit: (name: string) => void): void {
    const seen = new Set<string>();
    this.sequence(subject, "{", "}", "an object", () => {
      const position = this.position();
      const name = this.string(subject, "a name in quotes");
      if (seen.has(name)) this.fail(subject, "each name once", `${formatValue(name)} again`, position);
      seen.add(name);
      this.take(":", subject, '":" after a name');
      visit(name);
    });
  }

  /** A list of whole numbers from 0 to 2^53 - 1, written in digits. */
  wholeNumbers(subject: string): number[] {
    const numbers: number[] = [];
    this.sequence(subject, "[", "]", "a list of whole numbers", () => {
      const position = this.position();
      const [digits] = this.match(wholeNumber) ?? [];
      if (digits === undefined || !Number.isSafeInteger(Number(digits)))
        this.fail(subject, "a whole number from 0 to 2^53 - 1", this.shown(position), position);
      numbers.push(Number(digits));
    });
    return numbers;
  }

  string(subject: string, expected = "text in quotes"): string {
    const start = this.position();
    if (this.text[start] !== '"') this.fail(subject, expected);
    let end = start + 1;
    let isPlain = true;
    for (let code = this.text.charCodeAt(end); code !== 0x22; code = this.text.charCodeAt(end)) {
      if (Number.isNaN(code)) this.fail(subject, `${expected}, to its end`, "the end of the text", start);
      if (code === 0x5c) end++;
      if (code === 0x5c || code < 0x20) isPlain = false;
      end++;
    }
    this.at = end + 1;
    return isPlain ? this.text.slice(start + 1, end) : this.unescape(subject, start);
  }

  /** Any value; objects as Maps. */
  value(subject: string, depth = 0): unknown {
    const position = this.position();
    if (depth > maxDepth) this.fail(subject, `values nested at most ${maxDepth} deep`, "deeper ones");
    const first = this.text[position];
    if (first === '"') return this.string(subject);
    if (first === "{") {
      const map = new Map<string, unknown>();
      this.object(subject, (name) => map.set(name, this.value(subject, depth + 1)));
      return map;
    }
    if (first === "[") {
      const list: unknown[] = [];
      this.sequence(subject, "[", "]", "a list", () => list.push(this.value(subject, depth + 1)));
      return list;
    }
    const [token] = this.match(scalar) ?? [];
    if (token === undefined) return this.fail(subject, "a JSON value");
    return constants.has(token) ? constants.get(token) : Number(token);
  }

  /** @throws {FormatError} More than white space follows. */
  end(subject: string): void {
    if (this.position() < this.text.length) this.fail(subject, "nothing after the object");
  }

  /** @throws {FormatError} Always; the position is that of the next value unless given. */
  fail(subject: string, expected: string, found?: string, position = this.position()): never {
    throw new FormatError({
      subject,
      expected,
      found: found ?? this.shown(position),
      remedy: damaged,
      byteOffset: this.byteOffset(position),
    });
  }

  private sequence(subject: string, open: string, close: string, expected: string, item: () => void): void {
    this.take(open, subject, expected);
    if (this.text[this.position()] === close) {
      this.at++;
      return;
    }
    for (;;) {
      item();
      if (this.text[this.position()] === close) break;
      this.take(",", subject, `"," or "${close}"`);
    }
    this.at++;
  }

  private take(character: string, subject: string, expected: string): void {
    if (this.text[this.position()] !== character) this.fail(subject, expected);
    this.at++;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.position();
    const match = pattern.exec(this.text);
    if (match) this.at += match[0].length;
    return match;
  }

  private unescape(subject: string, start: number): string {
    const literal = this.text.slice(start, this.at);
    try {
      const text = JSON.parse(literal) as string;
      if (text.isWellFormed()) return text;
    } catch {
      // Refused below.
    }
    return this.fail(subject, "text with the escapes of JSON", this.shown(start), start);
  }

  private skipSpace(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.at++;
    }
  }

  private shown(position: number): string {
    const [token = ""] =
      /^(?:"[^"]{0,40}"?|[^\s,:{}[\]"]{1,40}|.)/su.exec(this.text.slice(position, position + 48)) ?? [];
    return token === "" ? "the end of the text" : token;
  }
}
