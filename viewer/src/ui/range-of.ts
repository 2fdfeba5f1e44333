/** The least and the greatest of numbers, however many; null where there are none. */
export function rangeOf(numbers: readonly number[]): { readonly min: number; readonly max: number } | null {
  const [first] = numbers;
  if (first === undefined) return null;
  let [min, max] = [first, first];
  for (const number of numbers) {
    if (number < min) min = number;
    if (number > max) max = number;
  }
  return { min, max };
}
