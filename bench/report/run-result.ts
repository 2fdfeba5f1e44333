import type { CaseResult } from "../run-case.ts";

/** Everything that a run found. */
export interface RunResult {
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly platform: string;
    readonly node: string;
  };
  /** Processes that wanted a core, averaged over five minutes, when the run began and when it ended. */
  readonly load: readonly [begin: number, end: number];
  /** Day of the run, YYYY-MM-DD. */
  readonly date: string;
  readonly mib: number;
  readonly rounds: number;
  readonly cases: readonly CaseResult[];
}
