/** What a benchmark consists of. */

/** What a run is asked for. */
export interface Settings {
  /** Where a case may write; removed afterwards. */
  readonly folder: string;
  /** Size of the large model in MiB. */
  readonly mib: number;
  /** Measured rounds, in each of which every operation runs once. */
  readonly rounds: number;
  readonly large: boolean;
}

/** Further findings, by the heading of the column they are shown in. */
export type Facts = Readonly<Record<string, string>>;

/** An operation that is ready to run. */
export interface Prepared {
  /** The part that is timed. */
  run(): Promise<void>;
  /** Throws unless the last run did what it should. */
  check(): Promise<Facts>;
  /** Releases what it holds. */
  end(): Promise<void>;
}

/** One thing to measure. */
export interface Operation {
  readonly name: string;
  /** The operation that it is divided by. */
  readonly against?: string;
  /** At most this many rounds, for operations that take long. */
  readonly maxRounds?: number;
  /** Bytes of weights that a run moves, if a speed says something. */
  readonly bytes?: number;
  readonly prepare: () => Promise<Prepared>;
}

/** What an operation should keep to. */
export interface Target {
  readonly operation: string;
  readonly measure: "ratio" | "extraMiB" | "ms";
  readonly atMost: number;
  /** What a ratio is to, in words. Default: raw. */
  readonly reference?: string;
  /** The known reason, shown where the target is missed. */
  readonly ifMissed?: string;
}

/** Operations that are compared with each other. */
export interface Case {
  readonly id: string;
  readonly title: string;
  /** What is compared, for readers of the results. */
  readonly explanation: string;
  /** Only with `--large`. */
  readonly large?: true;
  /**
   * `processes` runs each operation in a new process each time, so that its peak memory can be told; `one process` runs them in turn,
   * warmed up, for what takes milliseconds.
   */
  readonly isolation: "processes" | "one process";
  /** Default: those of the settings. */
  readonly rounds?: number;
  /** One run of each operation before the first that counts; without it, every run is checked. Default: true. */
  readonly warmUp?: boolean;
  /** In one process: runs that are timed together, for what takes less than a millisecond. Default: 1. */
  readonly repeat?: number;
  /** Whether the first call of each operation is shown, which runs code that was never run before. Default: false. */
  readonly showsFirstCall?: true;
  /** Bytes that its files take at most. */
  readonly diskBytes: (settings: Settings) => number;
  /** Makes the files that operations read. */
  readonly setUp?: (settings: Settings) => Promise<void>;
  /** What any implementation must hold, such as the model itself: peak memory is counted beyond that. */
  readonly hold?: (settings: Settings) => object;
  readonly operations: (settings: Settings) => readonly Operation[];
  readonly targets: readonly Target[];
}

/** Fits together what is timed, the check of what it returned, and what must be closed. */
export function prepared<T>(
  run: () => T | Promise<T>,
  check: (result: T) => Facts | Promise<Facts> | void | Promise<void>,
  end: () => void | Promise<void> = () => {},
): Prepared {
  let result: { value: T } | null = null;
  return {
    run: async () => {
      result = null;
      result = { value: await run() };
    },
    check: async () => {
      if (result === null) throw new Error("nothing has run yet");
      return (await check(result.value)) ?? {};
    },
    end: async () => end(),
  };
}

/** What a child process is asked to do. */
export interface Task {
  readonly caseId: string;
  readonly settings: Settings;
  readonly job:
    | { readonly kind: "setUp" }
    | { readonly kind: "hold" }
    | { readonly kind: "single"; readonly operation: number; readonly check: boolean }
    | { readonly kind: "inTurn"; readonly rounds: number };
}

/** What it answers. */
export interface Answer {
  readonly error: string | null;
  /** For each operation measured, the milliseconds of each round. */
  readonly times: readonly (readonly number[])[];
  readonly facts: readonly Facts[];
  /** Peak resident memory after the last timed run, before any check. */
  readonly peakBytes: number;
}
