/** Mutants one after the other, counted and judged. */
import { type Examination, examine, failureOf, type Verdict, verdictOf } from "./examine.ts";
import { type Agreement, examineLazily } from "./examine-lazily.ts";
import { type Mutant, makeMutant } from "./mutate.ts";
import { Random } from "./random.ts";
import type { Subject } from "./subjects.ts";

/** A mutant that was neither read nor refused as it should be, as it is kept. */
export interface Failure {
  readonly rule: string;
  readonly subject: string;
  readonly isModel: boolean;
  readonly seed: number;
  readonly number: number;
  readonly how: readonly string[];
  readonly base64: string;
}

/** How often each verdict was reached, by mutator and verb: `counts["cut off"]["decodeTable"]["refused"]`. */
export type Counts = Record<string, Record<string, Partial<Record<Verdict | Agreement, number>>>>;

export interface Batch {
  readonly mutants: number;
  readonly counts: Counts;
  readonly failures: readonly Failure[];
  readonly slowestMs: number;
  /** The most memory that was taken for each byte of a file, that of short files counted as of 1 KiB. */
  readonly growthPerByte: number;
  /** The most bytes that were asked for of ranges, for each byte of a file. */
  readonly readPerByte: number;
}

export class Fuzzer {
  private readonly originals = new Map<Subject, Examination>();

  constructor(
    readonly subjects: readonly Subject[],
    readonly seed: number,
  ) {}

  private async original(subject: Subject): Promise<Examination> {
    const known = this.originals.get(subject) ?? (await examine(subject.bytes, subject.isModel));
    this.originals.set(subject, known);
    return known;
  }

  mutant(number: number): Mutant {
    return makeMutant(this.subjects, new Random(this.seed, number));
  }

  /** Runs mutants `from` up to, not including, `to`, but for those to skip; tells each number before it is run. */
  async run(
    from: number,
    to: number,
    skipped: ReadonlySet<number> = new Set(),
    tell: (number: number) => void = () => {},
  ): Promise<Batch> {
    const counts: Counts = {};
    const failures: Failure[] = [];
    let [mutants, slowestMs, growthPerByte, readPerByte] = [0, 0, 0, 0];
    for (let number = from; number < to; number++) {
      if (skipped.has(number)) continue;
      tell(number);
      const mutant = this.mutant(number);
      const { subject, bytes } = mutant;
      const { isModel, hasDigests, readAs } = subject;
      const original = await this.original(subject);
      const found = await examine(bytes, isModel);
      const lazily = await examineLazily({ bytes, isModel, readAs });
      const rule = failureOf(found, original, { length: bytes.length, hasDigests }) ?? lazily.failure;
      if (rule !== null) failures.push(this.failure(number, rule));
      count(counts, mutant, found, original);
      add(counts, mutant.mutator, isModel ? "openModelRow" : "openModelRows", lazily.agreement);
      mutants += 1;
      const length = Math.max(1024, bytes.length);
      slowestMs = Math.max(slowestMs, found.ms, lazily.ms);
      growthPerByte = Math.max(growthPerByte, found.growth / length, lazily.growth / length);
      readPerByte = Math.max(readPerByte, lazily.bytesRead / length);
    }
    return { mutants, counts, failures, slowestMs, growthPerByte, readPerByte };
  }

  failure(number: number, rule: string): Failure {
    const { subject, bytes, how } = this.mutant(number);
    const { name, isModel } = subject;
    return {
      rule,
      subject: name,
      isModel,
      seed: this.seed,
      number,
      how,
      base64: Buffer.from(bytes).toString("base64"),
    };
  }
}

function count(counts: Counts, { mutator }: Mutant, found: Examination, original: Examination): void {
  add(counts, mutator, "decodeTable", verdictOf(found.table, original.table));
  if (found.model && original.model) {
    add(counts, mutator, "decodeModelRow", verdictOf(found.model, original.model));
  }
}

function add(counts: Counts, mutator: string, verb: string, verdict: Verdict | Agreement, times = 1): void {
  counts[mutator] ??= {};
  const row = counts[mutator];
  row[verb] ??= {};
  row[verb][verdict] = (row[verb][verdict] ?? 0) + times;
}

/** Adds the counts of a batch to a sum. */
export function addCounts(sum: Counts, more: Counts): void {
  for (const [mutator, verbs] of Object.entries(more)) {
    for (const [verb, verdicts] of Object.entries(verbs)) {
      for (const [verdict, times] of Object.entries(verdicts) as [Verdict | Agreement, number][]) {
        add(sum, mutator, verb, verdict, times);
      }
    }
  }
}
