/** The Python that the other libraries run in. */
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { makeEnvironment } from "./make-environment.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The Python that has the requirements, or null where it cannot be had. */
    python: string | null;
  }
}

const requirements = fileURLToPath(new URL("python/requirements.txt", import.meta.url));

/** Called by Vitest before the tests. Without Python the run fails where it counts (CI), and elsewhere says what is missing. */
export async function setup(project: TestProject): Promise<void> {
  console.log("conformance: PyTorch is not part of this run; it has a command of its own: npm run conformance:torch");
  try {
    project.provide("python", await makeEnvironment({ name: "conformance", requirements, space: "600 MB" }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const missing = `conformance: pyarrow, pandas, numpy, polars, DuckDB and safetensors are NOT tested: ${reason}`;
    if (process.env.CI) throw new Error(missing);
    console.warn(`\n${missing}\n`);
    project.provide("python", null);
  }
}
