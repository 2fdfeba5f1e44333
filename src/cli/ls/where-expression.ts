/**
 * Conditions on rows: `epoch > 3 && (config.seed == 5 || name ~ "best*")`.
 *
 * Idea: parsed once into a function; nothing is ever evaluated as code.
 */

import { valueAt } from "../../value-at.ts";
import { UsageError } from "../exit-code.ts";

export interface Condition {
  holds(row: Readonly<Record<string, unknown>>): boolean;
  /** The columns it names, with dots for what is inside them. */
  readonly columns: readonly string[];
}

type Read = (row: Readonly<Record<string, unknown>>) => unknown;

interface Token {
  readonly kind: "operator" | "number" | "string" | "name" | "end";
  readonly text: string;
  readonly at: number;
}

const patterns: readonly (readonly [Token["kind"], RegExp])[] = [
  ["operator", /^(?:&&|\|\||==|!=|<=|>=|=|<|>|!|~|\(|\))/],
  ["number", /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/],
  ["string", /^(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/],
  // Names that look like something else stand between backticks.
  ["name", /^(?:`[^`]+`|[\p{L}_][\p{L}\p{N}_-]*(?:\.[\p{L}\p{N}_-]+)*)/u],
];

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += /^\s*/.exec(text.slice(at))?.[0].length ?? 0;
    if (at === text.length) return [...tokens, { kind: "end", text: "", at }];
    const rest = text.slice(at);
    const found = patterns.flatMap(([kind, pattern]) => {
      const match = pattern.exec(rest)?.[0];
      return match === undefined ? [] : [{ kind, text: match, at }];
    })[0];
    if (!found) throw wrong(text, at, "a column, a value or an operator");
    tokens.push(found);
    at += found.text.length;
  }
}

function wrong(text: string, at: number, expected: string): UsageError {
  return new UsageError(
    `--where: expected ${expected} at character ${at + 1} of ${JSON.stringify(text)}. Conditions are written as in 'epoch > 3 && name == "best"', with && || ! ( ) and == != < <= > >= ~ (matches a pattern with * and ?)`,
  );
}

/** @throws {UsageError} It is no condition. */
export function parseCondition(text: string): Condition {
  const parser = new Parser(text);
  const holds = parser.condition();
  return { holds: (row) => holds(row) === true, columns: [...parser.columns] };
}

const precedences: Readonly<Record<string, number>> = {
  "||": 1,
  "&&": 2,
  "==": 3,
  "=": 3,
  "!=": 3,
  "<": 3,
  "<=": 3,
  ">": 3,
  ">=": 3,
  "~": 3,
};
const maxDepth = 100;

class Parser {
  readonly columns = new Set<string>();
  private readonly tokens: Token[];
  private next = 0;
  private depth = 0;

  constructor(private readonly text: string) {
    this.tokens = tokensOf(text);
  }

  condition(): Read {
    const read = this.binary(0);
    if (this.token.kind !== "end") throw this.wrong("&&, || or the end");
    return read;
  }

  private get token(): Token {
    return this.tokens[this.next] as Token;
  }

  private binary(least: number): Read {
    let left = this.operand();
    for (;;) {
      const { kind, text } = this.token;
      const precedence = kind === "operator" ? (precedences[text] ?? 0) : 0;
      if (precedence <= least) return left;
      this.next += 1;
      const right = this.binary(precedence);
      left = combine(text, left, right);
    }
  }

  private operand(): Read {
    const { kind, text } = this.token;
    if (kind === "operator" && (text === "!" || text === "(")) return this.nested(text);
    this.next += 1;
    if (kind === "number") return () => Number(text);
    if (kind === "string") return () => unquote(text);
    if (kind === "name") return this.named(text);
    this.next -= 1;
    throw this.wrong("a column or a value");
  }

  private nested(text: string): Read {
    this.depth += 1;
    if (this.depth > maxDepth) throw this.wrong(`at most ${maxDepth} parentheses`);
    this.next += 1;
    if (text === "!") {
      const inner = this.operand();
      this.depth -= 1;
      return (row) => inner(row) !== true;
    }
    const inner = this.binary(0);
    if (this.token.text !== ")" || this.token.kind !== "operator") throw this.wrong('")"');
    this.next += 1;
    this.depth -= 1;
    return inner;
  }

  private named(text: string): Read {
    if (text === "true" || text === "false") return () => text === "true";
    if (text === "null" || text === "missing") return () => null;
    const column = text.replace(/^`|`$/g, "");
    this.columns.add(column);
    return (row) => valueAt(row, column);
  }

  private wrong(expected: string): UsageError {
    return wrong(this.text, this.token.at, expected);
  }
}

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/g, "$1");
}

function combine(operator: string, left: Read, right: Read): Read {
  if (operator === "&&") return (row) => left(row) === true && right(row) === true;
  if (operator === "||") return (row) => left(row) === true || right(row) === true;
  if (operator === "==" || operator === "=") return (row) => order(left(row), right(row)) === 0;
  if (operator === "!=") return (row) => order(left(row), right(row)) !== 0;
  if (operator === "~") return matcher(left, right);
  return (row) => {
    const result = order(left(row), right(row));
    if (result === null || Number.isNaN(result)) return false;
    if (operator === "<") return result < 0;
    if (operator === "<=") return result <= 0;
    return operator === ">" ? result > 0 : result >= 0;
  };
}

/** Patterns are those of file names, with `*` and `?`. */
function matcher(left: Read, right: Read): Read {
  return (row) => {
    const [value, pattern] = [left(row), right(row)];
    return typeof value === "string" && typeof pattern === "string" && matches(value, pattern);
  };
}

function matches(value: string, pattern: string): boolean {
  let [v, p, star, mark] = [0, 0, -1, 0];
  while (v < value.length) {
    if (p < pattern.length && (pattern[p] === "?" || (pattern[p] !== "*" && pattern[p] === value[v]))) {
      v += 1;
      p += 1;
    } else if (pattern[p] === "*") {
      star = p;
      mark = v;
      p += 1;
    } else if (star >= 0) {
      p = star + 1;
      mark += 1;
      v = mark;
    } else return false;
  }
  while (pattern[p] === "*") p += 1;
  return p === pattern.length;
}

/** Negative, 0 or positive; null where the two cannot be compared, such as anything with a missing value. */
function order(a: unknown, b: unknown): number | null {
  if (a === null && b === null) return 0;
  const [x, y] = [comparable(a), comparable(b)];
  if (typeof x === "string" && typeof y === "string") return x < y ? -1 : Number(x > y);
  // 0.98 means the float32 next to it where the column has float32.
  if (typeof x === "number" && typeof y === "number") return Math.fround(x) === y || Math.fround(y) === x ? 0 : x - y;
  if (typeof x === "boolean" && typeof y === "boolean") return Number(x) - Number(y);
  return null;
}

function comparable(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  return typeof value === "bigint" ? Number(value) : value;
}
