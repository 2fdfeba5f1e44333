/** What is open. */
import { useCallback, useMemo, useRef, useState } from "preact/hooks";
import { formatBytes } from "../../../src/inspection/format-number.ts";
import { nameOf } from "../name-of.ts";
import type { Comparison, Failure, FileSource, FileSummary, OnBytes, Outcome, Runs } from "../protocol.ts";
import { callback, outcomeOf, worker } from "../worker-client.ts";
import type { Sources } from "./sources.ts";

export interface FileScreen {
  readonly kind: "file";
  readonly source: FileSource;
  readonly file: FileSummary;
}

export interface RunsScreen {
  readonly kind: "runs";
  readonly sources: readonly FileSource[];
  readonly runs: Runs;
}

export interface ComparisonScreen {
  readonly kind: "comparison";
  readonly a: FileSummary;
  readonly b: FileSummary;
  readonly comparison: Comparison;
}

export type Screen = { readonly kind: "start" } | FileScreen | RunsScreen | ComparisonScreen;

export interface Problem {
  readonly subject: string;
  readonly failure: Failure;
}

/** A file and, of its rows, one. */
export interface Chosen {
  readonly source: FileSource;
  readonly row: number;
}

export interface Navigation {
  readonly screen: Screen;
  /** Another one for each screen. */
  readonly key: number;
  /** What is being done, or null. */
  readonly busy: string | null;
  readonly problem: Problem | null;
  /** The table of runs that the screen was reached from. */
  readonly folder: RunsScreen | null;
  openSources(sources: Sources): Promise<void>;
  openRow(chosen: Chosen): Promise<void>;
  compare(a: Chosen, b: Chosen): Promise<void>;
  show(screen: Screen): void;
  fail(problem: Problem | null): void;
}

/** The open files that a screen shows. */
function filesOf(screen: Screen): number[] {
  if (screen.kind === "comparison") return [screen.a.id, screen.b.id];
  return screen.kind === "file" ? [screen.file.id] : [];
}

export function useNavigation(): Navigation {
  const [state, setState] = useState<Pick<Navigation, "screen" | "key" | "folder">>({
    screen: { kind: "start" },
    key: 0,
    folder: null,
  });
  const [busy, setBusy] = useState<string | null>(null);
  const [problem, fail] = useState<Problem | null>(null);
  const latest = useRef(0);
  const shown = useRef<readonly number[]>([]);

  const show = useCallback((screen: Screen) => {
    fail(null);
    for (const id of shown.current) if (!filesOf(screen).includes(id)) void worker.close(id);
    shown.current = filesOf(screen);
    setState(({ key, folder }) => ({
      screen,
      key: key + 1,
      folder: screen.kind === "runs" ? screen : screen.kind === "start" ? null : folder,
    }));
  }, []);

  /** Runs calls one after the other; nothing comes of them if others were started meanwhile. */
  const run = useCallback(
    async (subject: string, doing: string, work: (step: Step) => Promise<Screen>): Promise<void> => {
      latest.current += 1;
      const own = latest.current;
      const isLatest = (): boolean => own === latest.current;
      let isDone = false;
      setBusy(doing);
      fail(null);
      try {
        const screen = await work({
          // What the worker told last may arrive after its result.
          progress: (text) => !isDone && isLatest() && setBusy(text),
        });
        if (isLatest()) show(screen);
      } catch (error) {
        if (isLatest()) fail({ subject, failure: error instanceof CallFailure ? error.failure : unknown(error) });
      } finally {
        isDone = true;
        if (isLatest()) setBusy(null);
      }
    },
    [show],
  );

  return useMemo(() => ({ ...state, busy, problem, show, fail, ...actions(run) }), [state, busy, problem, show, run]);
}

interface Step {
  progress(text: string): void;
}

type Run = (subject: string, doing: string, work: (step: Step) => Promise<Screen>) => Promise<void>;

class CallFailure extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

function unknown(error: unknown): Failure {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { name, message };
}

async function valueFrom<T>(call: Promise<Outcome<T>>): Promise<T> {
  const outcome = await outcomeOf(call);
  if (outcome.ok) return outcome.value;
  throw new CallFailure(outcome.error);
}

/** Of an address that gives only the whole file, how much has come is told. */
function open({ source, row }: Chosen, progress: Step["progress"]): Promise<FileSummary> {
  const onProgress = callback<OnBytes>(({ bytes, totalBytes }) => {
    if (bytes < 1e6) return;
    progress(`Opening ${nameOf(source)}: ${formatBytes(bytes)} of ${formatBytes(totalBytes)}…`);
  });
  return valueFrom(worker.open(source, row, onProgress));
}

const actionsOf = new WeakMap<Run, ReturnType<typeof createActions>>();

/** The same functions for the same way of running, so that effects can depend on them. */
function actions(run: Run): ReturnType<typeof createActions> {
  const known = actionsOf.get(run) ?? createActions(run);
  actionsOf.set(run, known);
  return known;
}

function createActions(run: Run): Pick<Navigation, "openSources" | "openRow" | "compare"> {
  const openRow = ({ source, row }: Chosen): Promise<void> =>
    run(`${nameOf(source)} cannot be read`, `Opening ${nameOf(source)}…`, async ({ progress }) => ({
      kind: "file",
      source,
      file: await open({ source, row }, progress),
    }));
  const listRuns = (sources: readonly FileSource[]): Promise<void> =>
    run("The folder cannot be read", "Reading the folder…", async ({ progress }) => {
      const onProgress = callback((done: number) => progress(`Reading ${done} of ${sources.length} files…`));
      return { kind: "runs", sources, runs: await valueFrom(worker.listRuns(sources, onProgress)) };
    });
  const compare = (left: Chosen, right: Chosen): Promise<void> =>
    run("The files cannot be compared", "Opening both files…", async ({ progress }) => {
      const a = await open(left, progress);
      const b = await open(right, progress);
      const onProgress = callback((done: number, all: number) => progress(`Comparing array ${done + 1} of ${all}…`));
      return { kind: "comparison", a, b, comparison: await valueFrom(worker.compare(a.id, b.id, onProgress)) };
    });
  const openSources = async ({ sources, isFolder }: Sources): Promise<void> => {
    const [source] = sources;
    if (source !== undefined && !isFolder) await openRow({ source, row: 0 });
    else if (isFolder) await listRuns(sources);
  };
  return { openSources, openRow, compare };
}
