/** The Python of docs/guide/from-python.md runs, with the page's TypeScript in between, and the model comes back as it went. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fromSafetensors } from "legolas-flux/safetensors";
import { afterAll, expect, inject, it } from "vitest";
import { pageCode } from "../../guide/page-code.ts";
import { bytesOfArray } from "../../helpers/arbitrary-weights.ts";
import { run } from "../run-process.ts";

const python = inject("torchPython");
const root = fileURLToPath(new URL("../../../", import.meta.url));
const page = readFileSync(join(root, "docs/guide/from-python.md"), "utf8");
const folder = join(root, "runs", `torch-guide-${process.pid}`);
mkdirSync(folder, { recursive: true });
afterAll(() => rmSync(folder, { recursive: true }));

/** The Python of a section, by a word of its heading. */
function pythonUnder(heading: RegExp): string {
  const section = page.split(/^## /m).find((text) => heading.test(text.split("\n", 1)[0] ?? ""));
  const code = /^```python\n([\s\S]*?)^```$/m.exec(section ?? "")?.[1];
  if (!code) throw new Error(`no Python under ${heading}`);
  return code;
}

const save = pythonUnder(/what PyTorch wrote/);
const load = pythonUnder(/to PyTorch/);
/** What stands on the page in Python's place. */
const standIn = /^```ts\n\/\/ What Python would write[\s\S]*?^```$/m;

async function runPython(name: string, code: string): Promise<void> {
  writeFileSync(join(folder, name), code);
  await run(python, [name], { cwd: folder });
}

it("a model goes from PyTorch to TensorFlow.js and back", async () => {
  await runPython("save.py", save);
  const first = (await fromSafetensors(join(folder, "iris.safetensors"))).weights;
  expect(page).toMatch(standIn);
  writeFileSync(join(folder, "page.ts"), pageCode(page.replace(standIn, "")) ?? "");
  const env = { TSX_TSCONFIG_PATH: join(root, "tsconfig.json") };
  await run(process.execPath, ["--import", "tsx", "page.ts"], { cwd: folder, env });
  // Another model of the same modules, whose weights are random, takes what the page wrote.
  await runPython("load.py", `${save}\n${load}\nsave_file(model.state_dict(), "back.safetensors", {"format": "pt"})\n`);
  const random = (await fromSafetensors(join(folder, "iris.safetensors"))).weights;
  const back = (await fromSafetensors(join(folder, "back.safetensors"))).weights;
  const hex = ({ names, arrays }: typeof first): unknown =>
    names?.map((name, i) => [name, bytesOfArray(arrays[i] ?? expect.fail()).toString("hex")]).sort();
  expect(back.names).toHaveLength(4);
  expect(hex(back)).toEqual(hex(first));
  expect(hex(random)).not.toEqual(hex(first));
});
