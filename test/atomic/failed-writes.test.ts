/** A write that fails leaves what was there before, byte for byte, and nothing else. */
import { mkdirSync, writeFileSync } from "node:fs";
import {
  decodeModelRow,
  FlatArray,
  InputError,
  LossyConversionError,
  ModelV1,
  RecordError,
  readModelRow,
  SourceError,
  Weights,
  writeModelRow,
} from "legolas-flux";
import { schema, t, writeTable } from "legolas-flux/legolas";
import { describe, expect, it, vi } from "vitest";
import { runScript } from "../helpers/run-script.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

const floats = (length: number): FlatArray => new FlatArray(new Float32Array(length).fill(0.5), [length]);
const old = { weights: new Weights([floats(10)]), architecture_version: 1 };
const large = { weights: new Weights(Array.from({ length: 20 }, () => floats(1000))), architecture_version: 2 };
/** Whose second array turns out not to fit float32 only when it is written. */
const lossy = new Weights([floats(1000), new FlatArray(Int32Array.of(1, 2 ** 24 + 1), [2]), floats(10)]);
const StrictV1 = schema("test.strict").version(1, { extends: ModelV1, fields: { epoch: t.int64 } });

vi.setConfig({ testTimeout: 60_000 });

describe("a failed write to a path", () => {
  const folder = temporaryFolder();

  /** Writes an old file, lets the write over it fail, and returns the error once nothing but the old file is found. */
  async function failOver(write: (path: string) => Promise<void>): Promise<unknown> {
    const path = folder.at("my.model.arrow");
    await writeModelRow(path, old);
    const before = folder.bytes("my.model.arrow");
    const error = await write(path).then(
      () => new Error("nothing was thrown"),
      (thrown: unknown) => thrown,
    );
    expect(folder.entries()).toEqual(["my.model.arrow"]);
    expect(folder.bytes("my.model.arrow").equals(before)).toBe(true);
    expect((await readModelRow(path)).architecture_version).toBe(1);
    return error;
  }

  it("because a value does not fit its field", async () => {
    expect(await failOver((path) => writeModelRow(path, { ...old, epoch: "one" }, StrictV1))).toBeInstanceOf(
      RecordError,
    );
    const rows = [{ epoch: 1 }, { epoch: 2 }, { epoch: 0.5 }];
    const error = await failOver((path) => writeTable(path, rows, StrictV1));
    expect(error).toBeInstanceOf(RecordError);
    expect((error as RecordError).path).toEqual([2, "epoch"]);
  });

  it("because Julia could not read it", async () => {
    expect(await failOver((path) => writeModelRow(path, { weights: new Weights([]) }))).toBeInstanceOf(InputError);
  });

  it("because an array turns out not to convert when half is written", async () => {
    let bytes = 0;
    const onProgress = (progress: { bytes: number }): void => {
      bytes = progress.bytes;
    };
    const error = await failOver((path) => writeModelRow(path, { weights: lossy }, ModelV1, { onProgress }));
    expect(error).toBeInstanceOf(LossyConversionError);
    expect(bytes).toBeGreaterThan(4000);
  });

  it("because it was aborted before it began", async () => {
    const reason = new Error("stopped");
    const signal = AbortSignal.abort(reason);
    let called = 0;
    const onProgress = (): void => void called++;
    expect(await failOver((path) => writeModelRow(path, large, ModelV1, { signal, onProgress }))).toBe(reason);
    expect(called).toBe(0);
  });

  it.each([1, 5, 20, "the last"] as const)("because it was aborted in the middle: at piece %s", async (piece) => {
    const reason = new Error("stopped");
    const controller = new AbortController();
    let pieces = 0;
    let done = false;
    const onProgress = ({ bytes, totalBytes }: { bytes: number; totalBytes: number }): void => {
      pieces += 1;
      done ||= bytes === totalBytes;
      if (pieces === piece || (piece === "the last" && done)) controller.abort(reason);
    };
    const { signal } = controller;
    expect(await failOver((path) => writeModelRow(path, large, ModelV1, { signal, onProgress }))).toBe(reason);
    if (typeof piece === "number") expect(pieces).toBe(piece);
    expect(done).toBe(piece === "the last");
  });

  it("because a signal of another kind throws", async () => {
    const reason = new TypeError("a signal of one's own");
    let asked = 0;
    const signal = Object.assign(new EventTarget(), {
      aborted: false,
      reason,
      onabort: null,
      throwIfAborted() {
        asked += 1;
        if (asked > 6) throw reason;
      },
    });
    expect(await failOver((path) => writeModelRow(path, large, ModelV1, { signal: signal as AbortSignal }))).toBe(
      reason,
    );
    expect(asked).toBe(7);
  });

  it("because its listener throws", async () => {
    const reason = new Error("a listener's mistake");
    const onProgress = ({ bytes }: { bytes: number }): void => {
      if (bytes > 10_000) throw reason;
    };
    expect(await failOver((path) => writeModelRow(path, large, ModelV1, { onProgress }))).toBe(reason);
  });

  it("because the system takes no more bytes", async () => {
    // A limit on the size of files fails a write in the middle, as a full disk does, whoever runs the tests.
    const script = (path: string): string => `
      import { FlatArray, SourceError, Weights, writeModelRow } from "legolas-flux";
      const weights = new Weights([new FlatArray(new Float32Array(100_000), [100_000])]);
      try {
        await writeModelRow(${JSON.stringify(path)}, { weights });
        console.log("written");
      } catch (error) {
        console.log(error instanceof SourceError, error.code, error.location === ${JSON.stringify(path)});
      }`;
    const outputs: string[] = [];
    const error = await failOver(async (path) => {
      outputs.push(await runScript(script(path), "ulimit -f 64").output);
      throw outputs;
    });
    expect(error).toEqual(["true EFBIG true\n"]);
  });

  it("because the path leads through a file", async () => {
    writeFileSync(folder.at("plain"), "x");
    for (const path of [folder.at("plain", "x.arrow"), folder.at("plain", "a", "b", "x.arrow")]) {
      const error = await writeModelRow(path, old).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(SourceError);
      expect(String((error as SourceError).code)).toMatch(/ENOTDIR|EEXIST/);
    }
    expect(folder.entries()).toEqual(["plain"]);
    expect(folder.bytes("plain").toString()).toBe("x");
  });

  it("because it is a folder, which stays", async () => {
    mkdirSync(folder.at("models"));
    writeFileSync(folder.at("models", "kept"), "x");
    for (const path of [folder.at("models"), `${folder.at("models")}/`]) {
      await expect(writeModelRow(path, old)).rejects.toThrow(SourceError);
      expect(folder.entries()).toEqual(["models"]);
      expect(folder.bytes("models/kept").toString()).toBe("x");
    }
  });

  it("because its name is longer than the file system allows", async () => {
    await expect(writeModelRow(folder.at(`${"x".repeat(300)}.arrow`), old)).rejects.toThrow(SourceError);
    expect(folder.entries()).toEqual([]);
  });

  it("to a new path leaves nothing", async () => {
    await expect(writeModelRow(folder.at("new.arrow"), { weights: lossy })).rejects.toThrow(LossyConversionError);
    await expect(writeModelRow(folder.at("a", "b", "new.arrow"), { ...old, epoch: 0.5 }, StrictV1)).rejects.toThrow(
      RecordError,
    );
    const signal = AbortSignal.abort();
    await expect(writeModelRow(folder.at("c", "new.arrow"), old, ModelV1, { signal })).rejects.toThrow(signal.reason);
    expect(folder.entries()).toEqual([]);
  });
});

describe("a sink", () => {
  interface Recorded {
    readonly calls: string[];
    bytes: number;
  }

  /** A sink that fails once it has taken a number of bytes, or when it is closed. */
  function sinkOf({ failAfter = Number.POSITIVE_INFINITY, failClose = false, failAbort = false }, recorded: Recorded) {
    const fail = (what: string): void => {
      throw new Error(`${what} failed`);
    };
    return {
      location: "a sink of one's own",
      write: async (bytes: Uint8Array) => {
        if (recorded.calls.at(-1) !== "write") recorded.calls.push("write");
        recorded.bytes += bytes.length;
        if (recorded.bytes > failAfter) fail("write");
      },
      close: async () => {
        recorded.calls.push("close");
        if (failClose) fail("close");
      },
      abort: async () => {
        recorded.calls.push("abort");
        if (failAbort) fail("abort");
      },
    };
  }

  async function failure(options: Parameters<typeof sinkOf>[0]): Promise<{ reason: string; calls: string[] }> {
    const recorded: Recorded = { calls: [], bytes: 0 };
    const error = await writeModelRow(sinkOf(options, recorded), large).then(
      () => null,
      (thrown: unknown) => thrown as Error,
    );
    // The sink's own error reaches the caller, as it is or as a cause.
    const reason = (error?.cause as Error | undefined)?.message ?? error?.message ?? "";
    return { reason, calls: recorded.calls };
  }

  it("that fails after any number of bytes is aborted once and never closed", async () => {
    for (const failAfter of [0, 1, 8, 500, 2000, 4096, 20_000, 79_999]) {
      expect(await failure({ failAfter })).toEqual({ reason: "write failed", calls: ["write", "abort"] });
    }
  });

  it("that fails to close is aborted", async () => {
    expect(await failure({ failClose: true })).toEqual({ reason: "close failed", calls: ["write", "close", "abort"] });
  });

  it("that fails to abort too keeps its first error", async () => {
    expect(await failure({ failAfter: 100, failAbort: true })).toEqual({
      reason: "write failed",
      calls: ["write", "abort"],
    });
  });

  it("that works gets all bytes once, in order, then is closed and not aborted", async () => {
    const recorded: Recorded = { calls: [], bytes: 0 };
    const parts: Uint8Array[] = [];
    const sink = sinkOf({}, recorded);
    const keep = async (bytes: Uint8Array): Promise<void> => {
      parts.push(bytes.slice());
      await sink.write(bytes);
    };
    await writeModelRow({ ...sink, write: keep }, large);
    expect(recorded.calls).toEqual(["write", "close"]);
    const row = decodeModelRow(new Uint8Array(Buffer.concat(parts)));
    expect([row.architecture_version, row.weights?.length]).toEqual([2, 20]);
  });

  it("is never opened for a row that does not fit", async () => {
    const recorded: Recorded = { calls: [], bytes: 0 };
    await expect(writeModelRow(sinkOf({}, recorded), { ...old, epoch: null }, StrictV1)).rejects.toThrow(RecordError);
    expect(recorded.calls).toEqual([]);
  });
});
