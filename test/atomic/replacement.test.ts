/** What a write that works does to the folder it writes to. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { relative } from "node:path";
import { pathToFileURL } from "node:url";
import { encodeModelRow, FlatArray, ModelV1, readModelRow, Weights, writeModelRow } from "legolas-flux";
import { encodeTable, readTable, writeTable } from "legolas-flux/legolas";
import { describe, expect, it, vi } from "vitest";
import { runScript } from "../helpers/run-script.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

const row = (version: number) => ({
  weights: new Weights(Array.from({ length: 5 }, () => new FlatArray(new Float32Array(500).fill(version), [500]))),
  architecture_version: version,
});
const written = (version: number): Uint8Array => encodeModelRow(row(version));
const host = hostname().replace(/[^A-Za-z0-9]/g, "");

/** Number of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ["-e", ""]).pid;
}

vi.setConfig({ testTimeout: 60_000 });

describe("writing to a path", () => {
  const folder = temporaryFolder();

  it("gives the bytes of encoding, in each format, and leaves nothing beside", async () => {
    for (const format of ["file", "stream"] as const) {
      await writeModelRow(folder.at("m.arrow"), row(1), ModelV1, { format });
      expect(folder.bytes("m.arrow").equals(encodeModelRow(row(1), ModelV1, { format }))).toBe(true);
    }
    await writeTable(folder.at("t.arrow"), [row(1), row(2)], ModelV1);
    expect(folder.bytes("t.arrow").equals(encodeTable([row(1), row(2)], ModelV1))).toBe(true);
    expect(folder.entries()).toEqual(["m.arrow", "t.arrow"]);
    expect((await readTable(folder.at("t.arrow"))).numRows).toBe(2);
  });

  it("replaces a longer file by a shorter one, whole", async () => {
    writeFileSync(folder.at("m.arrow"), Buffer.alloc(100_000, 7));
    await writeModelRow(folder.at("m.arrow"), row(1));
    expect(folder.bytes("m.arrow").equals(written(1))).toBe(true);
  });

  it("makes the folders that lead to it", async () => {
    await writeModelRow(folder.at("a", "b", "m.arrow"), row(1));
    expect(readdirSync(folder.at("a", "b"))).toEqual(["m.arrow"]);
  });

  it("takes file URLs, as URL and as text, with characters that URLs escape", async () => {
    const names = ["plain.arrow", "with space.arrow", "100%.arrow", "naïve#1?.arrow", "模型.arrow", ".hidden.arrow"];
    for (const [i, name] of names.entries()) {
      const url = pathToFileURL(folder.at(name));
      await writeModelRow(i % 2 ? url : url.href, row(i));
      expect((await readModelRow(i % 2 ? url.href : url)).architecture_version).toBe(i);
      expect((await readModelRow(folder.at(name))).architecture_version).toBe(i);
    }
    expect(folder.entries()).toEqual([...names].sort());
  });

  it("takes names that look like options, patterns or variables", async () => {
    const names = ["-rf.arrow", "*.arrow", "[a].arrow", "a\\b.arrow", "(.+).arrow", "$HOME.arrow"];
    for (const [i, name] of names.entries()) {
      await writeModelRow(folder.at(name), row(i));
      await writeModelRow(folder.at(name), row(i + 10));
      expect((await readModelRow(folder.at(name))).architecture_version).toBe(i + 10);
    }
    expect(folder.entries()).toEqual([...names].sort());
  });

  it("takes relative paths", async () => {
    const path = relative(process.cwd(), folder.at("m.arrow"));
    expect(path).toMatch(/^\.\./);
    await writeModelRow(path, row(1));
    expect(folder.entries()).toEqual(["m.arrow"]);
    expect((await readModelRow(path)).architecture_version).toBe(1);
  });

  it("uses a temporary beside the target that names it, the host and the process, and is gone afterwards", async () => {
    const seen = new Set<string>();
    const onProgress = (): void => {
      for (const name of folder.entries()) seen.add(name);
    };
    await writeModelRow(folder.at("m.arrow"), row(1), ModelV1, { onProgress });
    expect(seen.size).toBe(1);
    expect([...seen][0]).toMatch(new RegExp(`^\\.m\\.arrow\\.${host}-${process.pid}-[0-9a-f]{8}\\.tmp$`));
    expect(folder.entries()).toEqual(["m.arrow"]);
  });
});

describe("the mode of a file", () => {
  const folder = temporaryFolder();
  const modeOf = (name: string): string => (statSync(folder.at(name)).mode & 0o777).toString(8);

  it.each(["600", "640", "644", "660", "664", "755", "400", "666", "777"])(
    "stays %s when it is replaced",
    async (mode) => {
      writeFileSync(folder.at("m.arrow"), "old");
      chmodSync(folder.at("m.arrow"), Number.parseInt(mode, 8));
      await writeModelRow(folder.at("m.arrow"), row(1));
      expect(modeOf("m.arrow")).toBe(mode);
    },
  );

  it("is never wider while it is written", async () => {
    writeFileSync(folder.at("m.arrow"), "old");
    chmodSync(folder.at("m.arrow"), 0o600);
    const modes = new Set<string>();
    const onProgress = (): void => {
      for (const name of folder.entries().filter((entry) => entry.endsWith(".tmp"))) modes.add(modeOf(name));
    };
    await writeModelRow(folder.at("m.arrow"), row(1), ModelV1, { onProgress });
    expect([...modes]).toEqual(["600"]);
  });

  it("of a new file is that of any new file", async () => {
    writeFileSync(folder.at("plain"), "x");
    await writeModelRow(folder.at("m.arrow"), row(1));
    expect(modeOf("m.arrow")).toBe(modeOf("plain"));
  });
});

describe("symbolic links", () => {
  const folder = temporaryFolder();

  it.each([
    ["to a file beside it", "real.arrow"],
    ["to a file in another folder", "elsewhere/real.arrow"],
  ])("stay while what they point to is replaced: %s", async (_, target) => {
    mkdirSync(folder.at("elsewhere"));
    await writeModelRow(folder.at(target), row(1));
    symlinkSync(target, folder.at("link.arrow"));
    symlinkSync("link.arrow", folder.at("chain.arrow"));
    for (const [i, name] of ["link.arrow", "chain.arrow"].entries()) {
      await writeModelRow(folder.at(name), row(i + 2));
      expect(lstatSync(folder.at(name)).isSymbolicLink()).toBe(true);
      expect(lstatSync(folder.at(target)).isFile()).toBe(true);
      expect(folder.bytes(target).equals(written(i + 2))).toBe(true);
    }
    expect(readlinkSync(folder.at("link.arrow"))).toBe(target);
    expect(readdirSync(folder.at("elsewhere"))).toEqual(target.includes("/") ? ["real.arrow"] : []);
  });

  it("stay when a write fails", async () => {
    await writeModelRow(folder.at("real.arrow"), row(1));
    symlinkSync("real.arrow", folder.at("link.arrow"));
    const signal = AbortSignal.abort(new Error("stopped"));
    await expect(writeModelRow(folder.at("link.arrow"), row(2), ModelV1, { signal })).rejects.toThrow("stopped");
    expect(readlinkSync(folder.at("link.arrow"))).toBe("real.arrow");
    expect(folder.bytes("real.arrow").equals(written(1))).toBe(true);
  });

  it("that lead nowhere yet stay, and lead to the new file", async () => {
    mkdirSync(folder.at("elsewhere"));
    symlinkSync("elsewhere/new.arrow", folder.at("link.arrow"));
    await writeModelRow(folder.at("link.arrow"), row(1));
    expect(lstatSync(folder.at("link.arrow")).isSymbolicLink()).toBe(true);
    expect(readdirSync(folder.at("elsewhere"))).toEqual(["new.arrow"]);
    expect(folder.bytes("elsewhere/new.arrow").equals(written(1))).toBe(true);
  });

  it("of a folder are followed", async () => {
    mkdirSync(folder.at("real"));
    symlinkSync("real", folder.at("link"));
    await writeModelRow(folder.at("link", "m.arrow"), row(1));
    expect(readdirSync(folder.at("real"))).toEqual(["m.arrow"]);
    expect(lstatSync(folder.at("link")).isSymbolicLink()).toBe(true);
  });
});

describe("what is not a file", () => {
  const folder = temporaryFolder();

  it("is never replaced by one: a named pipe stays a named pipe", async () => {
    // A device such as /dev/null must survive in the same way, and is not risked here.
    execFileSync("sh", ["-c", 'mkfifo "$1"', "sh", folder.at("pipe")]);
    const reader = openSync(folder.at("pipe"), constants.O_RDONLY | constants.O_NONBLOCK);
    await writeModelRow(folder.at("pipe"), { architecture_version: 1 }).catch(() => {});
    closeSync(reader);
    expect(lstatSync(folder.at("pipe")).isFIFO()).toBe(true);
    expect(folder.entries()).toEqual(["pipe"]);
  });
});

describe("temporaries that earlier writes left behind", () => {
  const folder = temporaryFolder();
  const dayAgo = new Date(Date.now() - 25 * 3_600_000);
  const hourAgo = new Date(Date.now() - 3_600_000);

  function leave(name: string, modified = hourAgo): string {
    writeFileSync(folder.at(name), "half a model");
    utimesSync(folder.at(name), modified, modified);
    return name;
  }

  it("are removed if their process is dead, or if they are older than a day", async () => {
    const dead = deadPid();
    const stale = [
      leave(`.m.arrow.${host}-${dead}-0123abcd.tmp`),
      leave(`.m.arrow.${host}-${dead}-ffffffff.tmp`, new Date()),
      leave(`.m.arrow.otherhost-${process.pid}-0123abcd.tmp`, dayAgo),
      leave(`.m.arrow.${host}-${process.pid}-0123abcd.tmp`, dayAgo),
      leave(`.m.arrow.-1-0123abcd.tmp`, dayAgo),
      leave(`.m.arrow.${host}-99999999999999999999-0123abcd.tmp`),
    ];
    expect(folder.entries()).toEqual([...stale].sort());
    await writeModelRow(folder.at("m.arrow"), row(1));
    expect(folder.entries()).toEqual(["m.arrow"]);
  });

  it("are kept if their process lives, or may live on another host", async () => {
    const live = [
      leave(`.m.arrow.${host}-${process.pid}-0123abcd.tmp`),
      leave(`.m.arrow.${host}-${process.ppid}-0123abcd.tmp`),
      leave(`.m.arrow.${host}-1-0123abcd.tmp`),
      leave(`.m.arrow.otherhost-${deadPid()}-0123abcd.tmp`),
    ];
    await writeModelRow(folder.at("m.arrow"), row(1));
    expect(folder.entries()).toEqual([...live, "m.arrow"].sort());
  });

  it("of other files, and files that only look alike, are kept, however old", async () => {
    const dead = deadPid();
    const others = [
      leave(`.other.arrow.${host}-${dead}-0123abcd.tmp`, dayAgo),
      leave(`.m.arrow.backup.${host}-${dead}-0123abcd.tmp`, dayAgo),
      leave(`.m.arrow.${host}-${dead}-0123abcd.tmp.keep`, dayAgo),
      leave(`.m.arrow.${host}-${dead}-0123.tmp`, dayAgo),
      leave(`.m.arrow.${host}-${dead}-0123ABCD.tmp`, dayAgo),
      leave(`m.arrow.${host}-${dead}-0123abcd.tmp`, dayAgo),
      leave(`.mxarrow.${host}-${dead}-0123abcd.tmp`, dayAgo),
      leave(".m.arrow.tmp", dayAgo),
      leave(".m.arrow", dayAgo),
    ];
    await writeModelRow(folder.at("m.arrow"), row(1));
    expect(folder.entries()).toEqual([...others, "m.arrow"].sort());
  });

  it("do not stop a write where they cannot be removed", async () => {
    const name = `.m.arrow.${host}-${deadPid()}-0123abcd.tmp`;
    mkdirSync(folder.at(name));
    writeFileSync(folder.at(name, "inside"), "x");
    await writeModelRow(folder.at("m.arrow"), row(1));
    expect(folder.entries()).toEqual([name, "m.arrow"]);
  });

  it("of a process that was killed in the middle are removed by the next write", async () => {
    const path = folder.at("m.arrow");
    await writeModelRow(path, row(1));
    const script = runScript(`
      import { FlatArray, Weights, writeModelRow } from "legolas-flux";
      const arrays = Array.from({ length: 9 }, () => new FlatArray(new Float32Array(1000), [1000]));
      const onProgress = ({ bytes }) => {
        if (bytes < 9000) return;
        console.log("in the middle");
        for (;;);
      };
      await writeModelRow(${JSON.stringify(path)}, { weights: new Weights(arrays) }, undefined, { onProgress });`);
    await script.printed("in the middle");
    const temporary = `.m.arrow.${host}-${script.process.pid}-`;
    expect(folder.entries().filter((name) => name.startsWith(temporary))).toHaveLength(1);
    await writeModelRow(path, row(2));
    expect(folder.entries()).toHaveLength(2);
    script.process.kill("SIGKILL");
    await script.output;
    expect(folder.bytes("m.arrow").equals(written(2))).toBe(true);
    await writeModelRow(path, row(3));
    expect(folder.entries()).toEqual(["m.arrow"]);
    expect(folder.bytes("m.arrow").equals(written(3))).toBe(true);
  });
});

describe("several writers at once", () => {
  const folder = temporaryFolder();

  it("in one process leave one whole file", async () => {
    for (let round = 0; round < 5; round++) {
      await Promise.all(Array.from({ length: 8 }, (_, i) => writeModelRow(folder.at("m.arrow"), row(i))));
      const { architecture_version: winner } = await readModelRow(folder.at("m.arrow"));
      expect(folder.bytes("m.arrow").equals(written(winner as number))).toBe(true);
      expect(folder.entries()).toEqual(["m.arrow"]);
    }
  });

  it("of which one fails leave the file of the other", async () => {
    const results = await Promise.allSettled([
      writeModelRow(folder.at("m.arrow"), row(1)),
      writeModelRow(folder.at("m.arrow"), row(2), ModelV1, { signal: AbortSignal.abort() }),
      writeModelRow(folder.at("m.arrow"), { ...row(3), architecture_version: 0.5 }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    expect(folder.bytes("m.arrow").equals(written(1))).toBe(true);
    expect(folder.entries()).toEqual(["m.arrow"]);
  });

  it("in several processes leave one whole file, and readers see whole files all the while", async () => {
    const path = folder.at("m.arrow");
    await writeModelRow(path, row(0));
    const script = (version: number): string => `
      import { FlatArray, Weights, writeModelRow } from "legolas-flux";
      const version = ${version};
      const arrays = Array.from({ length: 5 }, () => new FlatArray(new Float32Array(500).fill(version), [500]));
      const row = { weights: new Weights(arrays), architecture_version: version };
      for (let i = 0; i < 40; i++) await writeModelRow(${JSON.stringify(path)}, row);
      console.log("done");`;
    const scripts = [runScript(script(1)), runScript(script(2))];
    let running = true;
    const outputs = Promise.all(scripts.map(({ output }) => output)).finally(() => {
      running = false;
    });
    const seen = new Map<number, number>();
    const parts: number[] = [];
    while (running) {
      const { weights, architecture_version: version } = await readModelRow(path);
      seen.set(version as number, (seen.get(version as number) ?? 0) + 1);
      if (!weights?.arrays.every(({ vec }) => vec.every((value: number | bigint) => value === version)))
        parts.push(version as number);
    }
    expect(await outputs).toEqual(["done\n", "done\n"]);
    expect(parts).toEqual([]);
    expect((seen.get(1) ?? 0) + (seen.get(2) ?? 0)).toBeGreaterThan(0);
    expect(folder.entries()).toEqual(["m.arrow"]);
    const winner = (await readModelRow(path)).architecture_version as number;
    expect(readFileSync(path).equals(written(winner))).toBe(true);
  });
});

describe("progress", () => {
  const folder = temporaryFolder();

  it.each(["file", "stream"] as const)("counts up to the size of the %s", async (format) => {
    const reports: { bytes: number; totalBytes: number }[] = [];
    const path = folder.at("m.arrow");
    await writeModelRow(path, row(1), ModelV1, { format, onProgress: (report) => reports.push(report) });
    const { size } = statSync(path);
    expect(reports.length).toBeGreaterThan(5);
    expect(new Set(reports.map(({ totalBytes }) => totalBytes))).toEqual(new Set([size]));
    const counts = reports.map(({ bytes }) => bytes);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(counts[0]).toBeGreaterThan(0);
    expect(counts.at(-1)).toBe(size);
  });

  it("is reported before the file is there", async () => {
    const there: boolean[] = [];
    await writeModelRow(folder.at("m.arrow"), row(1), ModelV1, {
      onProgress: () => there.push(existsSync(folder.at("m.arrow"))),
    });
    expect(new Set(there)).toEqual(new Set([false]));
    expect(existsSync(folder.at("m.arrow"))).toBe(true);
  });

  it("is the same for a compressed file, whose size is known before the first byte", async () => {
    for (const compression of ["lz4", "zstd"] as const) {
      const reports: { bytes: number; totalBytes: number }[] = [];
      const path = folder.at(`${compression}.arrow`);
      await writeModelRow(path, row(1), ModelV1, { compression, onProgress: (report) => reports.push(report) });
      expect(reports.at(-1)).toEqual({ bytes: statSync(path).size, totalBytes: statSync(path).size });
      expect(statSync(path).size).toBeLessThan(written(1).length);
      expect((await readModelRow(path)).architecture_version).toBe(1);
    }
  });
});
