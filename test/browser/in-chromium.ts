/** Modules that run in a page of Chromium. */
import { type Browser, chromium, type JSHandle, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject } from "vitest";
import { findChromium } from "./find-chromium.ts";
import { type StaticServer, serveFolder } from "./static-server.ts";

/** WebGL by SwiftShader, which needs no graphics card; nothing that talks to the outside. */
export const flags = [
  ...["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
  ...[
    "--no-first-run",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
];

type Callables = Readonly<Record<string, (...given: unknown[]) => unknown>>;
type Functions<M> = { readonly [K in keyof M as M[K] extends (...given: never[]) => unknown ? K : never]: M[K] };
type Given<F> = F extends (...given: infer A) => unknown ? A : never;
type Result<F> = F extends (...given: never[]) => infer R ? Awaited<R> : never;

/** A module of `pages` in a page that is new for each test. */
export interface ModuleInPage<M> {
  readonly page: Page;
  readonly origin: string;
  /** Calls an exported function in the page; what it takes and returns is copied. */
  run<K extends keyof Functions<M>>(name: K, ...given: Given<M[K]>): Promise<Result<M[K]>>;
  /** The same in another page. */
  runIn<K extends keyof Functions<M>>(page: Page, name: K, ...given: Given<M[K]>): Promise<Result<M[K]>>;
  /** What the page wrote to its console as warnings and errors, and errors that nobody caught. */
  readonly complaints: string[];
  /** Opens a second page, which shares with the first what the browser keeps for the site. */
  openAnother(): Promise<Page>;
  /** Goes to another page of the same site. */
  goto(path: string): Promise<void>;
}

/** Runs the tests of a file with a module of `pages`. Complaints that a test leaves in `complaints` fail it. */
export function inChromium<M>(name: string): ModuleInPage<M> {
  let browser: Browser;
  let server: StaticServer;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    server = await serveFolder(inject("site"), "script-src 'self'");
    browser = await chromium.launch({ executablePath: findChromium() ?? "", args: flags });
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });
  beforeEach(async () => {
    complaints.length = 0;
    page = await (await browser.newContext()).newPage();
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(server.origin);
  });
  afterEach(async () => {
    await page.context().close();
    expect(complaints).toEqual([]);
  });

  return {
    get page() {
      return page;
    },
    get origin() {
      return server.origin;
    },
    complaints,
    openAnother: async () => {
      const other = await page.context().newPage();
      await other.goto(server.origin);
      return other;
    },
    goto: async (path) => void (await page.goto(server.origin + path)),
    run: (exported, ...given) => callIn(page, name, String(exported), given),
    runIn: (other, exported, ...given) => callIn(other, name, String(exported), given),
  };
}

/** Calls an exported function of a module of the site. */
export async function callIn<T>(page: Page, name: string, exported: string, given: readonly unknown[]): Promise<T> {
  // As text, for Vitest would turn the import into one of its own.
  const module: JSHandle<Callables> = await page.evaluateHandle(`import("/${name}.js")`);
  return module.evaluate((functions, [key, list]) => functions[key]?.(...list) as never, [exported, given] as const);
}
