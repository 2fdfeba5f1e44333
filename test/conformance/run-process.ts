/** Other programs. */
import { spawn } from "node:child_process";

/** Runs a program to its end and gives what it printed. @throws {Error} It cannot be started or fails, with what it said last. */
export function run(
  command: string,
  args: readonly string[],
  { cwd, env }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    // Panics print stack traces otherwise, and are expected where a reader refuses a file.
    const child = spawn(command, args, { cwd, env: { ...process.env, RUST_BACKTRACE: "0", ...env } });
    let output = "";
    let complaints = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaints = (complaints + text).slice(-4000);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(output);
      else
        reject(new Error(`${command} ${args.join(" ")} ended with code ${code}:\n${output.slice(-2000)}${complaints}`));
    });
  });
}
