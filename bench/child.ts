/** Measures in a process of its own: receives one task, answers, ends. */
import { findCase } from "./cases.ts";
import type { Answer, Case, Facts, Operation, Task } from "./measure.ts";

function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}

function collectGarbage(): void {
  globalThis.gc?.();
}

async function time(run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

async function single(operation: Operation, check: boolean): Promise<Answer> {
  const ready = await operation.prepare();
  collectGarbage();
  const ms = await time(ready.run);
  const peak = peakBytes();
  const facts = check ? await ready.check() : {};
  await ready.end();
  return { error: null, times: [[ms]], facts: [facts], peakBytes: peak };
}

const warmUpRuns = 5;

/** Runs once unmeasured, because collecting garbage leaves caches cold and threads busy, then as often as is asked for. */
async function timeEach(run: () => Promise<void>, repeat: number): Promise<number> {
  collectGarbage();
  await run();
  const ms = await time(async () => {
    for (let i = 0; i < repeat; i++) await run();
  });
  return ms / repeat;
}

async function inTurn(
  { repeat = 1, showsFirstCall }: Case,
  operations: readonly Operation[],
  rounds: number,
): Promise<Answer> {
  const ready = [];
  const facts: Facts[] = [];
  for (const { prepare } of operations) {
    const operation = await prepare();
    const first = await time(operation.run);
    const found = await operation.check();
    facts.push(showsFirstCall ? { "first call": `${first.toFixed(1)} ms`, ...found } : found);
    for (let i = 1; i < warmUpRuns; i++) await operation.run();
    ready.push(operation);
  }
  const times = operations.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, { run }] of ready.entries()) {
      times[i]?.push(await timeEach(run, repeat));
    }
  }
  const peak = peakBytes();
  for (const operation of ready) await operation.end();
  return { error: null, times, facts, peakBytes: peak };
}

async function setUp({ setUp: make }: Case, { settings }: Task): Promise<Answer> {
  await make?.(settings);
  return { error: null, times: [], facts: [], peakBytes: peakBytes() };
}

async function hold({ hold: allocate }: Case, { settings }: Task): Promise<Answer> {
  const held = allocate?.(settings);
  const peak = peakBytes();
  // Named after the measurement, so that it is alive until then.
  return { error: null, times: [], facts: [{ held: typeof held }], peakBytes: peak };
}

async function carryOut(task: Task): Promise<Answer> {
  const found = findCase(task.caseId);
  const { job, settings } = task;
  if (job.kind === "setUp") return setUp(found, task);
  if (job.kind === "hold") return hold(found, task);
  const operations = found.operations(settings);
  if (job.kind === "inTurn") return inTurn(found, operations, job.rounds);
  return single(operations[job.operation] as Operation, job.check);
}

async function answer(task: Task): Promise<void> {
  const found = await carryOut(task).catch(
    (error: unknown): Answer => ({ error: String(error), times: [], facts: [], peakBytes: 0 }),
  );
  process.send?.(found, () => process.exit());
}

process.once("message", (task: Task) => void answer(task));
