/** Other processes that use the package. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Script {
  readonly process: ChildProcess;
  /** What it printed, once it has ended. */
  readonly output: Promise<string>;
  /** Resolves as soon as it has printed the text. */
  printed(text: string): Promise<void>;
}

/** Starts a module's source in a process of its own; `limit` is a command of the shell that runs before it, such as `ulimit`. */
export function runScript(source: string, limit = ":"): Script {
  const child = spawn("bash", ["-c", `${limit}; exec node --import tsx --input-type=module -e "$1"`, "bash", source], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  return {
    process: child,
    output: new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", () => resolve(output));
    }),
    printed: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => (output.includes(text) ? resolve() : undefined);
        child.stdout.on("data", look);
        child.on("close", () => reject(new Error(`ended without printing ${text}: ${output}`)));
        look();
      }),
  };
}
