/** Where elements stand that come in parts: entries of a dictionary and its deltas, rows of record batches. */

/** An element's part, and its index in it. */
export type PartPlace = readonly [part: number, index: number];

/** Finds elements by their number, from 0, which must be one of them; nothing is made for each element beforehand. */
export function partFinder(parts: readonly { readonly length: number }[]): (element: number) => PartPlace {
  let total = 0;
  const ends = parts.map(({ length }) => {
    total += length;
    return total;
  });
  return (element) => {
    let [low, high] = [0, parts.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (element < (ends[middle] as number)) high = middle;
      else low = middle + 1;
    }
    return [low, low === 0 ? element : element - (ends[low - 1] as number)];
  };
}
