/**
 * Lists with 64-bit offsets, which are written where 32 bits cannot count the elements, without writing 2^31 of them.
 *
 * Idea: while `asLongLists` runs, the encoder of lists is told that each has 2^31 elements. All else is the code that users run.
 */
type Encoders = typeof import("../../src/arrow/encoded-array.ts");

let isPretending = false;

/** The module of encoders with one that obeys {@link asLongLists}, for `vi.mock`. */
export function withLongLists(encoders: Encoders): Encoders {
  return {
    ...encoders,
    encodeList: (column, lengths, child) => {
      if (!isPretending) return encoders.encodeList(column, lengths, child);
      return { ...encoders.encodeList(column, lengths, { ...child, length: 2 ** 31 }), children: [child] };
    },
  };
}

/** The result of `write`, which writes every list with 64-bit offsets. */
export function asLongLists<T>(write: () => T): T {
  isPretending = true;
  try {
    return write();
  } finally {
    isPretending = false;
  }
}
