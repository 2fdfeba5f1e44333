/** `legolas-flux view`: the viewer, in a browser. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { SourceError } from "../index.ts";
import { type ExitCode, exitCode, UsageError } from "./exit-code.ts";
import { countOption } from "./options.ts";
import { type Output, printError, printLines } from "./output.ts";
import { serveViewer, type ViewerServer } from "./view/serve-viewer.ts";
import { type ServedFiles, servedFiles } from "./view/served-files.ts";

interface ViewFlags {
  readonly port?: number;
  readonly open: boolean;
}

const examples = `
Examples:
  $ legolas-flux view my_model.model.arrow
  $ legolas-flux view runs                       # a table of all checkpoints, and a chart
  $ legolas-flux view --no-open --port 8080 runs
  $ legolas-flux view https://example.com/my_model.model.arrow
  $ legolas-flux view                            # choose there, open what the browser keeps, draw a digit`;

/** The same each time, for a browser keeps files for one port. */
const usualPort = 5346;

/** Beside the built commands. */
const builtPage = new URL("../viewer/", import.meta.url);

export function addView(program: Command, output: Output, finish: (code: ExitCode) => void): void {
  program
    .command("view")
    .summary("look at a file, a folder or an address in the browser")
    .description(
      "Opens the viewer in the browser: metadata, the tree of arrays, histograms, heat maps, kernels, two checkpoints side by side, a table of runs. Serves on 127.0.0.1 only, and nothing but what is named, until Ctrl-C.",
    )
    .argument(
      "[source]",
      "a file, a folder (the .arrow and .safetensors files in it), an http(s) address; none opens the start page",
    )
    .option(
      "--port <n>",
      `serve on this port; 0 takes any that is free (default: ${usualPort} if it is free)`,
      countOption,
    )
    .option("--no-open", "print the viewer's address without opening a browser")
    .addHelpText("after", examples)
    .action(async (source: string | undefined, flags: ViewFlags) => {
      finish(await view(source, flags, output));
    });
}

async function view(source: string | undefined, { port, open }: ViewFlags, output: Output): Promise<ExitCode> {
  if (port !== undefined && port > 65_535) throw new UsageError(`--port: expected at most 65535, found ${port}`);
  if (!existsSync(builtPage)) {
    throw new SourceError(
      "viewer",
      "opening",
      new Error("it is not built"),
      "Run npm run build, then npm run build:viewer",
    );
  }
  const isAddress = source !== undefined && /^https?:\/\//i.test(source);
  const files = source === undefined || isAddress ? null : await servedFiles(source);
  const server = await serve(files, port);
  const query = isAddress ? `?url=${encodeURIComponent(source)}` : files ? "?served" : "";
  const address = `${server.origin}/${query}`;
  printLines(output, [`The viewer is at ${address} until Ctrl-C.`]);
  if (open) openInBrowser(address, output);
  if (!output.signal.aborted) await once(output.signal, "abort");
  await server.close();
  return exitCode.ok;
}

/** On the port that was asked for; where none was, on the usual one or, where something else has it, any. */
async function serve(files: ServedFiles | null, port: number | undefined): Promise<ViewerServer> {
  if (port !== undefined) return serveViewer(files, builtPage, port);
  return serveViewer(files, builtPage, usualPort).catch((error: unknown) => {
    if (error instanceof SourceError && error.code === "EADDRINUSE") return serveViewer(files, builtPage);
    throw error;
  });
}

const openers: Readonly<Partial<Record<NodeJS.Platform, readonly [command: string, ...given: string[]]>>> = {
  darwin: ["open"],
  // Unlike `start`, it takes the address as it is, whatever characters stand in it.
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

function openInBrowser(address: string, output: Output): void {
  const [command, ...given] = openers[process.platform] ?? ["xdg-open"];
  const opener = spawn(command, [...given, address], { stdio: "ignore", detached: true });
  opener.on("error", () => printError(output, "no browser could be opened: open the address yourself", "note"));
  opener.unref();
}
