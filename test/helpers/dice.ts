/** Choices from a list of random numbers; once it is used up, always the first, so that shorter lists mean simpler models. */
export class Dice {
  private next = 0;

  constructor(private readonly numbers: readonly number[]) {}

  below(limit: number): number {
    return (this.numbers[this.next++] ?? 0) % limit;
  }

  /** From 1 to a highest number. */
  upTo(highest: number): number {
    return 1 + this.below(highest);
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }

  /** True once in so many times. */
  oneIn(count: number): boolean {
    return this.below(count) === count - 1;
  }
}
