/** Runs batches of mutants in a thread of its own, which the watchdog can end. */
import { parentPort, workerData } from "node:worker_threads";
import { Fuzzer } from "./fuzzer.ts";
import { loadSubjects } from "./subjects.ts";

/** A batch that the main thread asks for. */
export interface Order {
  readonly from: number;
  readonly to: number;
  readonly skipped: readonly number[];
}

export interface WorkerData {
  readonly seed: number;
  /** One 32-bit number: the mutant at work, for the watchdog. */
  readonly progress: SharedArrayBuffer;
}

const { seed, progress } = workerData as WorkerData;
const current = new Int32Array(progress);
const fuzzer = new Fuzzer(await loadSubjects(), seed);

parentPort?.on("message", async ({ from, to, skipped }: Order) => {
  const batch = await fuzzer.run(from, to, new Set(skipped), (number) => {
    current[0] = number;
  });
  parentPort?.postMessage(batch);
});
parentPort?.postMessage("ready");
