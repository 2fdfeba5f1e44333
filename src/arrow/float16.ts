/**
 * IEEE 754 half precision, as the 16 bits that Arrow stores.
 *
 * Idea: a table of all 65,536 values makes widening exact and fast; narrowing goes through float32 bits, ties to even.
 * Source: IEEE 754-2019, binary16: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits.
 */

let widened: Float32Array | null = null;

function widen(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = (bits & 0x3ff) / 1024;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15));
}

/** The number that 16 bits stand for, exactly. */
export function float16FromBits(bits: number): number {
  widened ??= Float32Array.from({ length: 65_536 }, (_, i) => widen(i));
  return widened[bits] as number;
}

/** The bits of the half-precision number nearest to a number; beyond 65,520 in magnitude they are those of infinity. */
export function float16ToBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (magnitude >= 65_520) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | roundToEven(magnitude * 2 ** 24);
  const exponent = Math.min(15, Math.floor(Math.log2(magnitude)));
  // Math.log2 may round up to the next integer just below a power of two.
  const exact = magnitude < 2 ** exponent ? exponent - 1 : exponent;
  // A fraction that rounds up to 1024 carries into the exponent, as it should.
  return sign | (((exact + 15) << 10) + roundToEven((magnitude / 2 ** exact - 1) * 1024));
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
