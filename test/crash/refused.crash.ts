import { chmodSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FlatArray, ModelV1, SourceError, Weights, writeModelRow } from "legolas-flux";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bundleWriter, mountTmpfs, newFolder, remountReadOnly, saveWithLimit, unmount } from "./processes.ts";
import { uniformModel } from "./uniform-model.ts";

const old = ModelV1({ weights: new Weights([new FlatArray(new Float32Array(1000).fill(7), [1000])]) });

let folder: ReturnType<typeof newFolder>;
let path = "";
const undo: (() => void)[] = [];

beforeEach(() => {
  folder = newFolder();
  undo.push(folder.remove);
  const disk = join(folder.path, "disk");
  mkdirSync(disk);
  path = join(disk, "a.model.arrow");
});
afterEach(() => {
  for (const step of undo.splice(0).reverse()) step();
});

/** Mounts a file system of a few bytes on the folder of the path, if this machine lets us. */
function mount(size: string): boolean {
  const disk = join(folder.path, "disk");
  const reason = mountTmpfs(disk, size);
  if (reason === null) undo.push(() => unmount(disk));
  else console.warn(`no file system can be mounted here: ${reason}`);
  return reason === null;
}

async function failureOf(saving: Promise<void>): Promise<SourceError> {
  const error = await saving.then(
    () => new Error("it was saved"),
    (caught: unknown) => caught,
  );
  if (!(error instanceof SourceError)) throw error;
  return error;
}

/** Saves the old model, runs something that fails, and looks whether anything but the failure has happened. */
async function expectUntouched(
  run: () => Promise<{ code: unknown; message: unknown }>,
  codes: string[],
): Promise<void> {
  const before = readFileSync(path);
  const { code, message } = await run();
  expect(codes).toContain(code);
  expect(message).toContain(path);
  expect(readFileSync(path).equals(before)).toBe(true);
  expect(readdirSync(join(folder.path, "disk"))).toEqual(["a.model.arrow"]);
}

describe("a save that the system refuses leaves the old file as it was, nothing else, and names the path", () => {
  let writer = "";
  beforeAll(async () => {
    const bundles = newFolder();
    writer = await bundleWriter(bundles.path);
    return bundles.remove;
  });

  it("on a full disk (on machines that let nobody mount one: at a limit for files)", async () => {
    const isMounted = mount("2m");
    await writeModelRow(path, old);
    if (isMounted) await expectUntouched(() => failureOf(writeModelRow(path, uniformModel(1))), ["ENOSPC"]);
    else await expectUntouched(async () => saveWithLimit(writer, path, 1024) as never, ["EFBIG"]);
  });

  it("at the limit of the process for the size of files", async () => {
    await writeModelRow(path, old);
    await expectUntouched(async () => saveWithLimit(writer, path, 1024) as never, ["EFBIG"]);
  });

  it("in a folder that cannot be written to (for root, who may write to any: on a file system mounted read-only)", async () => {
    const isRoot = process.getuid?.() === 0;
    if (isRoot && !mount("8m")) throw new Error("as root, without the right to mount, no folder can be made read-only");
    await writeModelRow(path, old);
    const disk = join(folder.path, "disk");
    if (isRoot) remountReadOnly(disk);
    else {
      chmodSync(disk, 0o555);
      undo.push(() => chmodSync(disk, 0o755));
    }
    await expectUntouched(() => failureOf(writeModelRow(path, uniformModel(1))), ["EROFS", "EACCES"]);
  });
});
