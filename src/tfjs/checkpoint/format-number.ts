/**
 * Numbers as Python's format specs print them.
 *
 * Source: https://docs.python.org/3/library/string.html#format-specification-mini-language, for the types d, f, e and g.
 */

/** How a number is printed. */
export interface NumberFormat {
  /** Null prints as JavaScript does. */
  readonly type: "d" | "e" | "f" | "g" | null;
  /** At least so many characters. */
  readonly width: number;
  readonly zeroFill: boolean;
  /** Digits after the point; for `g` significant ones. Null is Python's default, 6. */
  readonly precision: number | null;
}

const defaultPrecision = 6;

/** A number in a format, filled up on the left. */
export function formatNumber(value: number, { type, width, zeroFill, precision }: NumberFormat): string {
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const magnitude = printers[type ?? "none"](Math.abs(value), precision ?? defaultPrecision);
  return zeroFill ? sign + magnitude.padStart(width - sign.length, "0") : (sign + magnitude).padStart(width);
}

const printers: Readonly<Record<"d" | "e" | "f" | "g" | "none", (value: number, precision: number) => string>> = {
  none: (value) => (Number.isFinite(value) ? String(value) : special(value)),
  d: (value) => BigInt(value).toString(),
  f: (value, precision) => (Number.isFinite(value) ? fixed(value, precision) : special(value)),
  e: (value, precision) => (Number.isFinite(value) ? scientific(value, precision) : special(value)),
  g: (value, precision) => (Number.isFinite(value) ? general(value, Math.max(precision, 1)) : special(value)),
};

function special(value: number): string {
  return Number.isNaN(value) ? "nan" : "inf";
}

/** More digits than tell a tie of two neighbouring decimals from any other number. */
const exactDigits = 100;

/** The digits of a number >= 0, and the power of ten of the first one. */
function digitsOf(value: number): { readonly digits: string; readonly exponent: number } {
  const [mantissa = "", power = "0"] = value.toExponential(exactDigits).split("e");
  return { digits: mantissa.replace(".", ""), exponent: Number(power) };
}

/** The first `count` digits as a number, rounded to the even one at ties as Python does; JavaScript rounds ties up. */
function rounded(digits: string, count: number): bigint {
  if (count < 0) return 0n;
  const kept = BigInt(digits.slice(0, count).padEnd(count, "0"));
  const rest = digits.slice(count);
  const half = "5".padEnd(rest.length, "0");
  return rest > half || (rest === half && kept % 2n === 1n) ? kept + 1n : kept;
}

function fixed(value: number, precision: number): string {
  const { digits, exponent } = digitsOf(value);
  const text = rounded(digits, exponent + 1 + precision)
    .toString()
    .padStart(precision + 1, "0");
  const point = text.length - precision;
  return precision === 0 ? text : `${text.slice(0, point)}.${text.slice(point)}`;
}

/** So many significant digits; rounding 9.99 up moves the exponent. */
function significant(value: number, count: number): { readonly digits: string; readonly exponent: number } {
  const { digits, exponent } = digitsOf(value);
  const text = rounded(digits, count).toString().padStart(count, "0");
  return { digits: text.slice(0, count), exponent: exponent + text.length - count };
}

function scientific(value: number, precision: number): string {
  const { digits, exponent } = significant(value, precision + 1);
  return withExponent(digits, exponent);
}

function withExponent(digits: string, exponent: number): string {
  const mantissa = digits.length > 1 ? `${digits.slice(0, 1)}.${digits.slice(1)}` : digits;
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function general(value: number, precision: number): string {
  const { digits, exponent } = significant(value, precision);
  if (exponent < -4 || exponent >= precision) return withExponent(digits.replace(/(?<=.)0+$/, ""), exponent);
  const text = fixed(value, precision - 1 - exponent);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
