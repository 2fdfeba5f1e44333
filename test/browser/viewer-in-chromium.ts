/** The viewer in a Chromium, as somebody uses it; whatever its pages complain about fails the test. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { serveViewer, type ViewerServer } from "../../src/cli/view/serve-viewer.ts";
import type { ServedFiles } from "../../src/cli/view/served-files.ts";
import { findChromium } from "./find-chromium.ts";

export const viewerPage = new URL("../../dist/viewer/", import.meta.url);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export interface ViewerInChromium {
  /** Of the present test, as what follows is. */
  readonly page: Page;
  readonly context: BrowserContext;
  readonly origin: string;
  /** Errors and warnings of the console: a policy that is broken is told there, too. */
  readonly complaints: string[];
  open(path?: string): Promise<void>;
  choose(...files: string[]): Promise<void>;
  /** Drops bytes onto the page as a file of a name. */
  drop(name: string, bytes: Uint8Array): Promise<void>;
  /** What is seen, spaces and all. */
  textOf(place: Locator): Promise<string>;
  /** Of all but the header. */
  text(): Promise<string>;
  /** Rules of WCAG that the page breaks as it is. */
  violations(): Promise<string[]>;
  /** Whether the page has to be scrolled sideways. */
  isTooWide(): Promise<boolean>;
}

/** Starts a server and a browser for the tests of a file, and a page for each. */
export function viewerInChromium(served: () => Promise<ServedFiles | null>): ViewerInChromium {
  let browser: Browser;
  let server: ViewerServer;
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    server = await serveViewer(await served(), viewerPage);
    browser = await chromium.launch({ executablePath: findChromium() ?? "" });
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });
  beforeEach(async () => {
    complaints.length = 0;
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
  });
  afterEach(async () => {
    await context.close();
    expect(complaints).toEqual([]);
  });

  // biome-ignore lint/performance/useDomNodeTextContent: what is seen is what matters, its spaces too
  const textOf = (place: Locator): Promise<string> => place.innerText();
  return {
    get page() {
      return page;
    },
    get context() {
      return context;
    },
    get origin() {
      return server.origin;
    },
    complaints,
    open: async (path = "/") => void (await page.goto(server.origin + path)),
    choose: (...files) => page.setInputFiles("input[type=file]", files),
    drop: (name, bytes) => dropOnto(page, name, bytes),
    textOf,
    text: () => textOf(page.locator("main")),
    // Through the debugger, which no policy holds back.
    violations: () =>
      page.evaluate<string[]>(
        `${axe}; axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + " " + nodes[0].html))`,
      ),
    isTooWide: () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth),
  };
}

async function dropOnto(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  const data = await page.evaluateHandle(
    ([fileName, encoded]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0))], fileName));
      return transfer;
    },
    [name, Buffer.from(bytes).toString("base64")] as const,
  );
  await page.dispatchEvent("body", "drop", { dataTransfer: data });
}
