/**
 * Field types from their text.
 *
 * The notation is that of `FieldType.text`: `int64?`, `vector<T>`, `fixed<T, 3>`, `map<K, V>`, `union<A, B>`, `struct<name: T>`, `T accepting U`,
 * and `name@version` for nested records.
 */
import { DeclarationError } from "../errors.ts";
import type { FieldLike, FieldType } from "../legolas/fields/field-type.ts";
import { toFieldType } from "../legolas/fields/field-type.ts";
import { t } from "../t.ts";

type AnyType = FieldType<unknown, unknown>;

/** Deeper than any reader of Arrow schemas follows. */
const maxDepth = 48;

const simpleTypes: ReadonlyMap<string, FieldLike> = new Map(
  Object.entries(t).flatMap(([name, type]) => (typeof type === "function" || name === "weights" ? [] : [[name, type]])),
);

/**
 * The type that a text stands for.
 *
 * @param recordOf - The schema version of a nested record, by `name@version`; undefined where there is none.
 * @throws {DeclarationError} The text is no type.
 */
export function parseFieldType(
  text: string,
  recordOf: (version: string) => FieldLike | undefined,
  subject = "field type",
): AnyType {
  const parser = new Parser(text, recordOf, subject);
  const type = parser.type(0);
  parser.end();
  return type;
}

class Parser {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly recordOf: (version: string) => FieldLike | undefined,
    private readonly subject: string,
  ) {}

  type(depth: number): AnyType {
    if (depth > maxDepth) throw this.error(`types nested at most ${maxDepth} deep`);
    let type = this.primary(depth);
    for (;;) {
      if (this.takes("?")) type = t.optional(type);
      else if (this.takes(" accepting ")) type = type.accepting(this.primary(depth));
      else return type;
    }
  }

  end(): void {
    if (this.at < this.text.length) throw this.error("the end");
  }

  private primary(depth: number): AnyType {
    const name = /^[\w.-]+(@\d+)?/.exec(this.text.slice(this.at, this.at + 300))?.[0] ?? "";
    this.at += name.length;
    if (name === "weights") {
      this.expect("?");
      return t.weights;
    }
    if (Object.hasOwn(this.composed, name) && this.takes("<")) {
      const type = (this.composed[name] as (depth: number) => AnyType)(depth + 1);
      this.expect(">");
      return type;
    }
    const found = name.includes("@") ? this.recordOf(name) : simpleTypes.get(name);
    if (found) return toFieldType(found);
    this.at -= name.length;
    throw this.error(
      name.includes("@") ? "a version that is described before" : "a type such as int64 or vector<float32>",
    );
  }

  private readonly composed: Readonly<Record<string, (depth: number) => AnyType>> = {
    vector: (depth) => t.vector(this.type(depth)),
    fixed: (depth) => {
      const item = this.type(depth);
      this.expect(", ");
      const digits = /^\d{1,9}/.exec(this.text.slice(this.at, this.at + 10))?.[0];
      if (digits === undefined) throw this.error("a length");
      this.at += digits.length;
      return t.fixed(item, Number(digits));
    },
    map: (depth) => {
      const key = this.type(depth);
      this.expect(", ");
      return t.map(key, this.type(depth));
    },
    union: (depth) => t.union(...this.list(() => this.type(depth))),
    struct: (depth) => {
      const fields = this.list(() => {
        const name = this.name();
        this.expect(": ");
        return [name, this.type(depth)] as const;
      });
      if (new Set(fields.map(([name]) => name)).size < fields.length) throw this.error("each name once");
      return t.struct(Object.fromEntries(fields));
    },
  };

  /** What stands up to the closing bracket. */
  private list<T>(read: () => T): T[] {
    if (this.text[this.at] === ">") return [];
    const items = [read()];
    while (this.takes(", ")) items.push(read());
    return items;
  }

  private name(): string {
    const rest = this.text.slice(this.at);
    const quoted = /^"(?:[^"\\]|\\.)*"/.exec(rest)?.[0];
    const name = quoted ?? /^[^\s:,<>"?]+/.exec(rest)?.[0];
    if (name === undefined) throw this.error("a name");
    this.at += name.length;
    return quoted === undefined ? name : this.unquoted(quoted);
  }

  private unquoted(quoted: string): string {
    try {
      return String(JSON.parse(quoted));
    } catch {
      throw this.error("a name that is a JSON string");
    }
  }

  private takes(token: string): boolean {
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  private expect(token: string): void {
    if (!this.takes(token)) throw this.error(`"${token}"`);
  }

  private error(expected: string): DeclarationError {
    const rest = this.text.slice(this.at, this.at + 40);
    return new DeclarationError({
      subject: `${this.subject}, at character ${this.at}`,
      expected,
      found: rest === "" ? "the end" : JSON.stringify(rest),
      remedy: "Types are written as in int64, float32?, vector<string>, struct<a: int64, b: string?>, digits-config@1",
    });
  }
}
