/** Which screen comes to be shown, and which files stay open. */
import { beforeEach, describe, expect, it } from "vitest";
import type { FileSummary } from "../../viewer/src/protocol.ts";
import { createScreens, type Problem, type Screen, type Screens, type Step } from "../../viewer/src/ui/screens.ts";

let screens: Screens;
let shown: string;
let busy: string | null;
let problem: Problem | null;
let closed: number[];

beforeEach(() => {
  [shown, busy, problem, closed] = ["start", null, null, []];
  screens = createScreens({
    setScreen: (screen) => {
      shown = screen.kind === "file" ? `file ${screen.file.id}` : screen.kind;
    },
    setBusy: (doing) => {
      busy = doing;
    },
    fail: (of) => {
      problem = of;
    },
    close: (file) => closed.push(file),
  });
});

const start: Screen = { kind: "start" };
const summary = (id: number) => ({ id }) as FileSummary;
const screenOf = (file: FileSummary): Screen => ({ kind: "file", source: "a", file });

/** Something that is waited for, and what ends the wait. */
function waiting() {
  let go = (): void => {};
  const wait = new Promise<void>((resolve) => {
    go = resolve;
  });
  return { wait, go };
}

/** Opens a file once it may. */
function opening(id: number) {
  const { wait, go } = waiting();
  const done = screens.run("subject", `opening ${id}`, async ({ opened }) => {
    await wait;
    return screenOf(opened(summary(id)));
  });
  return { go, done };
}

describe("screens", () => {
  it("take the place of each other, and only what is shown stays open", async () => {
    for (const id of [1, 2]) {
      const { go, done } = opening(id);
      expect(busy).toBe(`opening ${id}`);
      go();
      await done;
      expect([shown, busy, problem]).toEqual([`file ${id}`, null, null]);
    }
    expect(closed).toEqual([1]);
    screens.show(start);
    expect(closed).toEqual([1, 2]);
  });

  it("of two files that are being opened, the later is shown, and the earlier closed, whichever comes first", async () => {
    const [first, second] = [opening(1), opening(2)];
    second.go();
    await second.done;
    first.go();
    await first.done;
    expect([shown, busy, problem, closed]).toEqual(["file 2", null, null, [1]]);
  });

  it("a screen that is shown meanwhile stays, and what was being done is no longer told", async () => {
    const { go, done } = opening(1);
    screens.show(start);
    expect(busy).toBe(null);
    go();
    await done;
    expect([shown, busy, problem, closed]).toEqual(["start", null, null, [1]]);
  });

  it("a comparison that is not waited for any more is not begun", async () => {
    const { wait, go } = waiting();
    let isBegun = false;
    const done = screens.run("subject", "comparing", async ({ opened }) => {
      opened(summary(1));
      await wait;
      opened(summary(2));
      isBegun = true;
      return start;
    });
    screens.show(start);
    go();
    await done;
    expect([isBegun, closed]).toEqual([false, [1, 2]]);
  });

  it("a file is closed where the next one cannot be opened, and the one that is shown stays", async () => {
    const { go, done } = opening(1);
    go();
    await done;
    await screens.run("The files cannot be compared", "comparing", async ({ opened }) => {
      opened(summary(2));
      throw new RangeError("not that one");
    });
    expect([shown, busy, closed]).toEqual(["file 1", null, [2]]);
    expect(problem).toEqual({
      subject: "The files cannot be compared",
      failure: { name: "RangeError", message: "not that one" },
    });
  });

  it("progress that arrives after the result is not told", async () => {
    let late: Step["progress"] = () => {};
    await screens.run("subject", "opening", async ({ progress, opened }) => {
      late = progress;
      progress("half");
      expect(busy).toBe("half");
      return screenOf(opened(summary(1)));
    });
    late("all");
    expect(busy).toBe(null);
    await screens.run("subject", "opening", async ({ progress }) => {
      late = progress;
      throw new Error("no");
    });
    late("all");
    expect(busy).toBe(null);
  });
});
