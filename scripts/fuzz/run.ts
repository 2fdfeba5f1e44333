/**
 * `npm run fuzz -- --runs 100000 --seed 1`: damages files and reads them.
 *
 * Mutants run in a worker; a watchdog ends it when one hangs, or when one takes the worker with it, saves that one and goes on behind
 * it. `--only 123` runs a single mutant here, to look at it.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { examine } from "./examine.ts";
import { examineLazily } from "./examine-lazily.ts";
import { addCounts, type Batch, type Counts, type Failure, Fuzzer } from "./fuzzer.ts";
import { report } from "./report.ts";
import { loadSubjects } from "./subjects.ts";
import type { Order, WorkerData } from "./worker.ts";

const { values: options } = parseArgs({
  options: {
    runs: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    out: { type: "string", default: "runs/fuzz" },
  },
});
const seed = Number(options.seed);
const runs = Number(options.runs);

const workerUrl = new URL("./worker.ts", import.meta.url).href;
const batchSize = 2000;
const hangMs = 10_000;
const pollMs = 250;
/** Of the worker's JavaScript heap; beyond it the worker ends, which is a failure of the mutant at work. */
const heapMb = 768;

/** A worker, started again when a mutant ends it. */
class Runner {
  private readonly progress = new SharedArrayBuffer(4);
  private readonly skipped: number[] = [];
  private worker: Worker | null = null;
  /** Takes what the worker says, or why it cannot say anything. */
  private settle: (result: Batch | "ready" | Error) => void = () => {};

  private async start(): Promise<Worker> {
    const workerData: WorkerData = { seed, progress: this.progress };
    // A worker does not inherit the loader of TypeScript in Node 20.
    const source = `import("tsx/esm/api").then(({ register }) => { register(); return import(${JSON.stringify(workerUrl)}); })`;
    const worker = new Worker(source, {
      eval: true,
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: 64 },
    });
    const isReady = new Promise((resolve) => {
      this.settle = resolve;
    });
    worker.on("message", (result: Batch | "ready") => this.settle(result));
    worker.on("error", (error) => this.settle(error));
    worker.on("exit", (code) => this.settle(new Error(`exit with code ${code}`)));
    const first = await isReady;
    if (first instanceof Error) throw first;
    return worker;
  }

  /** Runs a batch, again and again without the mutants that end the worker. */
  async run(from: number, to: number, onLost: (number: number, rule: string) => void): Promise<Batch> {
    for (;;) {
      this.worker ??= await this.start();
      const result = await this.attempt(this.worker, { from, to, skipped: this.skipped });
      if (!(result instanceof Error)) return result;
      const number = new Int32Array(this.progress)[0] as number;
      onLost(number, `ended the worker: ${result.stack}`);
      this.skipped.push(number);
      await this.close();
    }
  }

  private async attempt(worker: Worker, order: Order): Promise<Batch | Error> {
    const current = new Int32Array(this.progress);
    let [last, since] = [-1, Date.now()];
    const watchdog = setInterval(() => {
      if (current[0] !== last) [last, since] = [current[0] as number, Date.now()];
      else if (Date.now() - since > hangMs) this.settle(new Error(`it hung for ${hangMs} ms`));
    }, pollMs);
    const result = await new Promise<Batch | "ready" | Error>((resolve) => {
      this.settle = resolve;
      worker.postMessage(order);
    });
    clearInterval(watchdog);
    return result === "ready" ? new Error("the worker started twice") : result;
  }

  async close(): Promise<void> {
    this.settle = () => {};
    await this.worker?.terminate();
    this.worker = null;
  }
}

function save(failure: Failure): void {
  mkdirSync(options.out, { recursive: true });
  const path = join(options.out, `${failure.seed}-${failure.number}.json`);
  writeFileSync(path, `${JSON.stringify(failure, null, 2)}\n`);
  console.log(`FAILED ${path}: ${failure.subject}: ${failure.rule.split("\n").slice(0, 3).join(" ")}`);
}

async function runOne(number: number): Promise<void> {
  const fuzzer = new Fuzzer(await loadSubjects(), seed);
  const { subject, how, bytes } = fuzzer.mutant(number);
  console.log(subject.name, how, `${bytes.length} bytes`);
  console.log(await examine(bytes, subject.isModel));
  console.log(await examineLazily({ bytes, isModel: subject.isModel, readAs: subject.readAs }));
}

async function runAll(): Promise<void> {
  const start = performance.now();
  const fuzzer = new Fuzzer(await loadSubjects(), seed);
  const counts: Counts = {};
  const runner = new Runner();
  let [mutants, failed, slowestMs, growthPerByte, readPerByte] = [0, 0, 0, 0, 0];
  for (let from = 0; from < runs; from += batchSize) {
    const batch = await runner.run(from, Math.min(runs, from + batchSize), (number, rule) => {
      save(fuzzer.failure(number, rule));
      failed += 1;
      mutants += 1;
    });
    addCounts(counts, batch.counts);
    for (const failure of batch.failures) save(failure);
    mutants += batch.mutants;
    failed += batch.failures.length;
    slowestMs = Math.max(slowestMs, batch.slowestMs);
    growthPerByte = Math.max(growthPerByte, batch.growthPerByte);
    readPerByte = Math.max(readPerByte, batch.readPerByte);
  }
  await runner.close();
  const seconds = (performance.now() - start) / 1000;
  const subjects = fuzzer.subjects.length;
  console.log(report(counts, { seed, subjects, mutants, failed, slowestMs, growthPerByte, readPerByte, seconds }));
  process.exitCode = failed > 0 ? 1 : 0;
}

await (options.only === undefined ? runAll() : runOne(Number(options.only)));
