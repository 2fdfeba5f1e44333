/** Where the entries of a dictionary stand that came in parts: a first one and deltas. */

/** An entry's part, and its index in it. */
export type EntryPlace = readonly [part: number, index: number];

/** Finds entries by their number, from 0, which must be one of them; nothing is made for each entry beforehand. */
export function entryFinder(parts: readonly { readonly length: number }[]): (entry: number) => EntryPlace {
  let total = 0;
  const ends = parts.map(({ length }) => {
    total += length;
    return total;
  });
  return (entry) => {
    let [low, high] = [0, parts.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (entry < (ends[middle] as number)) high = middle;
      else low = middle + 1;
    }
    return [low, low === 0 ? entry : entry - (ends[low - 1] as number)];
  };
}
