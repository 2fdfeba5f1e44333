/** The number that each of the 65,536 half-precision bit patterns stands for, from the definition of IEEE 754 binary16. */
export const halfValues: readonly number[] = Array.from({ length: 65_536 }, (_, bits) => {
  const [, sign, exponent, fraction] = /^(.)(.{5})(.{10})$/.exec(
    bits.toString(2).padStart(16, "0"),
  ) as never as string[];
  const significand = Number.parseInt(fraction as string, 2);
  const power = Number.parseInt(exponent as string, 2);
  const factor = sign === "1" ? -1 : 1;
  if (power === 31) return significand === 0 ? factor * Number.POSITIVE_INFINITY : Number.NaN;
  return power === 0 ? factor * significand * 2 ** -24 : factor * (1024 + significand) * 2 ** (power - 25);
});
