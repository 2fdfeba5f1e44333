/** What is open. */
import { useMemo, useState } from "preact/hooks";
import { formatBytes } from "../../../src/inspection/format-number.ts";
import { nameOf } from "../name-of.ts";
import type { FileSource, FileSummary, OnBytes, Outcome } from "../protocol.ts";
import { callback, outcomeOf, worker } from "../worker-client.ts";
import {
  CallFailure,
  createScreens,
  type Problem,
  type RunsScreen,
  type Screen,
  type Screens,
  type Step,
} from "./screens.ts";
import type { Sources } from "./sources.ts";

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

export function useNavigation(): Navigation {
  const [state, setState] = useState<Pick<Navigation, "screen" | "key" | "folder">>({
    screen: { kind: "start" },
    key: 0,
    folder: null,
  });
  const [busy, setBusy] = useState<string | null>(null);
  const [problem, fail] = useState<Problem | null>(null);
  // The same functions at all times, so that effects can depend on them.
  const actions = useMemo(() => {
    const setScreen = (screen: Screen): void =>
      setState(({ key, folder }) => ({
        screen,
        key: key + 1,
        folder: screen.kind === "runs" ? screen : screen.kind === "start" ? null : folder,
      }));
    const { run, show } = createScreens({ setScreen, setBusy, fail, close: (file) => void worker.close(file) });
    return { show, ...createActions(run) };
  }, []);
  return useMemo(() => ({ ...state, busy, problem, fail, ...actions }), [state, busy, problem, actions]);
}

async function valueFrom<T>(call: Promise<Outcome<T>>): Promise<T> {
  const outcome = await outcomeOf(call);
  if (outcome.ok) return outcome.value;
  throw new CallFailure(outcome.error);
}

/** Of an address that gives only the whole file, how much has come is told. */
async function open({ source, row }: Chosen, step: Step): Promise<FileSummary> {
  const onProgress = callback<OnBytes>(({ bytes, totalBytes }) => {
    if (bytes < 1e6) return;
    step.progress(`Opening ${nameOf(source)}: ${formatBytes(bytes)} of ${formatBytes(totalBytes)}…`);
  });
  return step.opened(await valueFrom(worker.open(source, row, onProgress)));
}

function createActions(run: Screens["run"]): Pick<Navigation, "openSources" | "openRow" | "compare"> {
  const openRow = ({ source, row }: Chosen): Promise<void> =>
    run(`${nameOf(source)} cannot be read`, `Opening ${nameOf(source)}…`, async (step) => ({
      kind: "file",
      source,
      file: await open({ source, row }, step),
    }));
  const listRuns = (sources: readonly FileSource[]): Promise<void> =>
    run("The folder cannot be read", "Reading the folder…", async ({ progress }) => {
      const onProgress = callback((done: number) => progress(`Reading ${done} of ${sources.length} files…`));
      return { kind: "runs", sources, runs: await valueFrom(worker.listRuns(sources, onProgress)) };
    });
  const compare = (left: Chosen, right: Chosen): Promise<void> =>
    run("The files cannot be compared", "Opening both files…", async (step) => {
      const a = await open(left, step);
      const b = await open(right, step);
      const onProgress = callback((done: number, all: number) =>
        step.progress(`Comparing array ${done + 1} of ${all}…`),
      );
      return { kind: "comparison", a, b, comparison: await valueFrom(worker.compare(a.id, b.id, onProgress)) };
    });
  const openSources = async ({ sources, isFolder }: Sources): Promise<void> => {
    const [source] = sources;
    if (source !== undefined && !isFolder) await openRow({ source, row: 0 });
    else if (isFolder) await listRuns(sources);
  };
  return { openSources, openRow, compare };
}
