/** What the page shows, one screen after the other. */
import type { Comparison, Failure, FileSource, FileSummary, Runs } from "../protocol.ts";

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

/** The error of a call that failed. */
export class CallFailure extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

export interface Step {
  progress(text: string): void;
  /** Takes a file that was opened, which is closed if no screen comes to show it. @throws {Error} Nobody waits for it any more. */
  opened(file: FileSummary): FileSummary;
}

export type Work = (step: Step) => Promise<Screen>;

export interface Screens {
  /** Works towards a screen; nothing comes of it if another one was shown or begun meanwhile. */
  run(subject: string, doing: string, work: Work): Promise<void>;
  show(screen: Screen): void;
}

/** Where the changes go. */
export interface Stage {
  setScreen(screen: Screen): void;
  /** What is being done, or null. */
  setBusy(doing: string | null): void;
  fail(problem: Problem | null): void;
  close(file: number): void;
}

/** The open files that a screen shows. */
function filesOf(screen: Screen): number[] {
  if (screen.kind === "comparison") return [screen.a.id, screen.b.id];
  return screen.kind === "file" ? [screen.file.id] : [];
}

/** Files are open as long as they are shown. */
export function createScreens({ setScreen, setBusy, fail, close }: Stage): Screens {
  let latest = 0;
  let shown: readonly number[] = [];

  const show = (screen: Screen): void => {
    // What is on its way is not to take the place of this one.
    latest += 1;
    setBusy(null);
    fail(null);
    const before = shown;
    shown = filesOf(screen);
    for (const id of before) if (!shown.includes(id)) close(id);
    setScreen(screen);
  };

  const run = async (subject: string, doing: string, work: Work): Promise<void> => {
    latest += 1;
    const own = latest;
    const isLatest = (): boolean => own === latest;
    const files: number[] = [];
    setBusy(doing);
    fail(null);
    try {
      const screen = await work({
        // What the worker told last may arrive after its result, when this is not the latest any more.
        progress: (text) => isLatest() && setBusy(text),
        opened: (file) => {
          files.push(file.id);
          if (!isLatest()) throw new Error("Another screen is shown");
          return file;
        },
      });
      if (isLatest()) show(screen);
    } catch (error) {
      if (isLatest()) {
        latest += 1;
        setBusy(null);
        fail({ subject, failure: failureIn(error) });
      }
    } finally {
      for (const id of files) if (!shown.includes(id)) close(id);
    }
  };

  return { run, show };
}

function failureIn(error: unknown): Failure {
  if (error instanceof CallFailure) return error.failure;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { name, message };
}
