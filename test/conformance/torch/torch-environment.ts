/** The Python that has PyTorch. */
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { makeEnvironment } from "../make-environment.ts";
import { run } from "../run-process.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The Python that has PyTorch. */
    torchPython: string;
    /** Whether pages are to be written anew: `-u`. */
    isUpdate: boolean;
  }
}

const requirements = fileURLToPath(new URL("python/requirements.txt", import.meta.url));
const given = process.env.LEGOLAS_FLUX_TORCH_PYTHON;

async function findTorch(): Promise<string> {
  const python = given ?? (await makeEnvironment({ name: "conformance-torch", requirements, space: "6 GB" }));
  await run(python, ["-c", "import torch, safetensors, numpy, huggingface_hub"]);
  return python;
}

/** Called by Vitest before the tests. Nothing is skipped: who asks for PyTorch gets it, or an error that says what is missing. */
export async function setup(project: TestProject): Promise<void> {
  try {
    project.provide("torchPython", await findTorch());
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const remedy = given
      ? "Install torch, safetensors, numpy and huggingface_hub there"
      : "Install them elsewhere and give their interpreter: LEGOLAS_FLUX_TORCH_PYTHON=/path/to/python npm run conformance:torch";
    const place = given ? `LEGOLAS_FLUX_TORCH_PYTHON=${given} has no PyTorch` : "PyTorch could not be installed";
    throw new Error(`conformance:torch: ${place}, so nothing was tested: ${reason}\n${remedy}.`, { cause });
  }
  project.provide("isUpdate", project.globalConfig.snapshotOptions.updateSnapshot === "all");
}
