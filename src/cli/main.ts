#!/usr/bin/env node
/** The process behind `npx legolas-flux`; everything else is in the commands. */
import { readFileSync } from "node:fs";
import { exitCode } from "./exit-code.ts";
import type { Output } from "./output.ts";
import { run } from "./run.ts";

const { stdout, stderr, env } = process;
const interruption = new AbortController();
process.once("SIGINT", () => interruption.abort());
// Whoever reads may have had enough, as in `legolas-flux ls runs | head`.
stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(exitCode.ok);
});

const output: Output = {
  out: (text) => stdout.write(text),
  err: (text) => stderr.write(text),
  width: stdout.isTTY ? stdout.columns : null,
  hasColours: stdout.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb",
  showsProgress: stderr.isTTY === true && env.TERM !== "dumb",
  signal: interruption.signal,
};
const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};
process.exitCode = await run(process.argv.slice(2), output, version);
