/** Values of options, checked. */
import { InvalidArgumentError } from "commander";

/** A whole number, from 0. */
export function countOption(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count)) return count;
  throw new InvalidArgumentError("Give a whole number, from 0.");
}

/** A number, from 0. */
export function amountOption(text: string): number {
  const amount = Number(text);
  if (text.trim() !== "" && amount >= 0) return amount;
  throw new InvalidArgumentError("Give a number, from 0.");
}
