/** Runs the operations of a case in turn, round by round, and sums up what they took. */
import { fork } from "node:child_process";
import { mkdtemp, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Answer, Case, Facts, Operation, Settings, Target, Task } from "./measure.ts";
import { median } from "./statistics.ts";

/** What was found of one operation. */
export interface Row {
  readonly name: string;
  readonly error: string | null;
  readonly times: readonly number[];
  /** Median over the rounds. */
  readonly ms: number;
  /** The median of each round's time divided by that of the operation it is compared with. */
  readonly ratio: number | null;
  readonly against: string | null;
  readonly bytesPerSecond: number | null;
  /** Peak memory beyond what any implementation must hold. */
  readonly extraMiB: number | null;
  readonly facts: Facts;
}

/** What a target asked for, and what was found. */
export interface Verdict extends Target {
  readonly found: number;
  readonly isMet: boolean;
  /** Of a ratio: the longest time of what it is divided by, divided by the shortest. */
  readonly spread: number | null;
}

/** The results of a case. */
export interface CaseResult {
  readonly id: string;
  readonly title: string;
  readonly explanation: string;
  readonly rows: readonly Row[];
  readonly verdicts: readonly Verdict[];
}

/** Measures a case in a folder of its own, which is removed afterwards. @throws {Error} The disk is too full, or files cannot be made. */
export async function runCase(chosen: Case, base: Settings): Promise<CaseResult> {
  await checkSpace(base.folder, chosen.diskBytes(base));
  const settings = { ...base, folder: await mkdtemp(join(base.folder, "legolas-flux-bench-")) };
  try {
    if (chosen.setUp) await ask({ caseId: chosen.id, settings, job: { kind: "setUp" } }, true);
    const { answers, heldBytes } = await measureAll(chosen, settings);
    const rows = sumUp(chosen.operations(settings), answers, heldBytes);
    const { id, title, explanation, targets } = chosen;
    return { id, title, explanation, rows, verdicts: targets.flatMap((target) => verdictOf(target, rows)) };
  } finally {
    await rm(settings.folder, { recursive: true, force: true });
  }
}

async function checkSpace(folder: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  if (bavail * bsize > needed * 1.1) return;
  throw new Error(`${folder}: ${gib(needed)} are needed and ${gib(bavail * bsize)} are free; choose another --folder`);
}

/** Asks a new process. */
async function ask(task: Task, mustSucceed = false): Promise<Answer> {
  const answer = await new Promise<Answer>((resolve) => {
    const child = fork(new URL("./child.ts", import.meta.url), {
      execArgv: [...process.execArgv, "--expose-gc"],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    child.once("message", (message) => resolve(message as Answer));
    child.once("exit", (code, signal) =>
      resolve({ error: `the process ended with ${signal ?? code}`, times: [], facts: [], peakBytes: 0 }),
    );
    child.send(task);
  });
  if (mustSucceed && answer.error) throw new Error(`${task.caseId}: ${answer.error}`);
  return answer;
}

interface Measured {
  readonly error: string | null;
  readonly times: readonly number[];
  readonly facts: Facts;
  readonly peaks: readonly number[];
}

async function measureAll(
  chosen: Case,
  settings: Settings,
): Promise<{ answers: readonly Measured[]; heldBytes: number | null }> {
  const caseId = chosen.id;
  const rounds = Math.max(1, Math.min(settings.rounds, chosen.rounds ?? settings.rounds));
  if (chosen.isolation === "one process") {
    const inTurn = Math.max(rounds, chosen.rounds ?? rounds);
    const { times, facts } = await ask({ caseId, settings, job: { kind: "inTurn", rounds: inTurn } }, true);
    return {
      answers: times.map((own, i) => ({ error: null, times: own, facts: facts[i] ?? {}, peaks: [] })),
      heldBytes: null,
    };
  }
  const held = chosen.hold ? await ask({ caseId, settings, job: { kind: "hold" } }, true) : null;
  return { answers: await inProcesses(chosen, settings, rounds), heldBytes: held?.peakBytes ?? null };
}

async function inProcesses(chosen: Case, settings: Settings, rounds: number): Promise<readonly Measured[]> {
  const operations = chosen.operations(settings);
  const answers: Answer[][] = operations.map(() => []);
  const failures = new Map<number, string>();
  const warmUps = chosen.warmUp === false ? 0 : 1;
  for (let round = -warmUps; round < rounds; round++) {
    for (const [operation, { maxRounds = rounds }] of operations.entries()) {
      if (failures.has(operation) || round >= maxRounds) continue;
      const check = round < 0 || warmUps === 0;
      const answer = await ask({ caseId: chosen.id, settings, job: { kind: "single", operation, check } });
      if (answer.error) failures.set(operation, answer.error);
      else answers[operation]?.push(answer);
    }
  }
  return answers.map((own, i) => ({
    error: failures.get(i) ?? null,
    times: own.slice(warmUps).flatMap(({ times }) => times.flat()),
    facts: own[0]?.facts[0] ?? {},
    peaks: own.slice(warmUps).map(({ peakBytes }) => peakBytes),
  }));
}

function sumUp(operations: readonly Operation[], measured: readonly Measured[], heldBytes: number | null): Row[] {
  const timesOf = new Map(operations.map(({ name }, i) => [name, measured[i]?.times ?? []]));
  return operations.map(({ name, against = null, bytes }, i) => {
    const { error, times, facts, peaks } = measured[i] as Measured;
    const ms = median(times);
    const others = (against && timesOf.get(against)) || [];
    return {
      name,
      error,
      times,
      ms,
      ratio: others.length > 0 ? median(times.map((own, round) => own / (others[round] ?? Number.NaN))) : null,
      against,
      bytesPerSecond: bytes === undefined ? null : bytes / (ms / 1000),
      extraMiB: heldBytes === null ? null : Math.max(0, (median(peaks) - heldBytes) / 2 ** 20),
      facts,
    };
  });
}

function verdictOf(target: Target, rows: readonly Row[]): Verdict[] {
  const row = rows.find(({ name }) => name === target.operation);
  const found = row?.[target.measure];
  if (typeof found !== "number") return [];
  const reference = rows.find(({ name }) => name === row?.against)?.times ?? [];
  const spread = target.measure === "ratio" ? Math.max(...reference) / Math.min(...reference) : null;
  return [{ ...target, found, isMet: found <= target.atMost, spread }];
}
