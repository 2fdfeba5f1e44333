/** A Chromium with a profile on disk, which can be killed: pages of Playwright's own contexts keep everything in memory. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { type Browser, chromium, type Page } from "playwright-core";
import { findChromium } from "./find-chromium.ts";
import { flags } from "./in-chromium.ts";

export interface StartedChromium {
  readonly browser: Browser;
  readonly pid: number;
  /** Opens a page. */
  open(url: string): Promise<Page>;
  /** Ends every process at once, without letting any finish what it does. */
  kill(): Promise<void>;
}

/** @param profile - A folder, which outlives the browser. */
export async function startChromium(profile: string): Promise<StartedChromium> {
  const given = ["--headless", "--no-sandbox", "--remote-debugging-port=0", `--user-data-dir=${profile}`];
  const child = spawn(findChromium() ?? "", [...flags, ...given, "about:blank"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const browser = await chromium.connectOverCDP(await endpointOf(child));
  const pid = child.pid ?? 0;
  return {
    browser,
    pid,
    open: async (url) => {
      const page = (await browser.contexts()[0]?.newPage()) as Page;
      await page.goto(url);
      return page;
    },
    kill: async () => {
      const gone = once(child, "exit");
      for (const own of processTree(pid)) process.kill(own, "SIGKILL");
      await gone;
    },
  };
}

async function endpointOf({ stderr }: ChildProcess): Promise<string> {
  if (!stderr) throw new Error("Chromium's messages are not read");
  for await (const line of createInterface(stderr)) {
    const [, address] = /DevTools listening on (ws:\S+)/.exec(line) ?? [];
    if (address) {
      stderr.resume();
      return address;
    }
  }
  throw new Error("Chromium ended before it listened");
}

/** A process and all that descend from it. */
export function processTree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const stat = tryRead(`/proc/${name}/stat`);
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
  }
  const tree = [root];
  for (const pid of tree) tree.push(...[...parents].filter(([, parent]) => parent === pid).map(([child]) => child));
  return tree;
}

/** Bytes of memory that a process and its descendants have for themselves. */
export function privateBytes(root: number): number {
  const anonymous = (pid: number): number =>
    Number(/^RssAnon:\s+(\d+)/m.exec(tryRead(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
  const shared = (pid: number): number =>
    Number(/^RssShmem:\s+(\d+)/m.exec(tryRead(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
  return processTree(root).reduce((sum, pid) => sum + anonymous(pid) + shared(pid), 0);
}

/** Processes come and go. */
function tryRead(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
