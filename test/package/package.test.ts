import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pageCode } from "../guide/page-code.ts";
import { type Consumer, installPackage } from "./consumer.ts";

let consumer: Consumer;
beforeAll(() => {
  consumer = installPackage();
}, 60_000);
afterAll(() => consumer.remove());

const errors = [
  ...[
    "CheckError",
    "CodecNotLoadedError",
    "DeclarationError",
    "FormatError",
    "InputError",
    "LegolasError",
    "RecordError",
  ],
  ...["SourceError", "UnknownSchemaError", "UnsupportedTypeError", "ViolationError", "isLegolasError", "loadCodecs"],
];

const entries: Readonly<Record<string, readonly string[]>> = {
  "legolas-flux": [
    ...errors,
    ...[
      "FlatArray",
      "LayerConversionError",
      "LayoutError",
      "LossyConversionError",
      "MissingWeightsError",
      "ModelV1",
      "RowCountError",
      "Weights",
    ],
    ...["WeightsMismatchError", "decodeModelRow", "encodeModelRow", "fetchWeights", "loadWeights", "readModelRow"],
    ...["LazyWeights", "PartialLoadError", "appendModelRows", "listModelRows", "openModelRow", "openModelRows"],
    ...["StorageQuotaError", "TrainingStateMismatchError", "readModelRows", "writeModelRow", "writeModelRows"],
  ],
  "legolas-flux/browser": [
    ...["StorageQuotaError", "downloadFile", "downloadTarget", "openModelRow", "openModelStore", "readModelRow"],
    "writeModelRow",
  ],
  "legolas-flux/legolas": [
    ...errors,
    ...["compliesWith", "construct", "declareFromDescription", "declared", "decodeTable", "describeColumns"],
    ...["describeSchema", "encodeTable", "extractSchemaVersion", "findViolation", "formatType"],
    ...[
      "findViolations",
      "formatIdentifier",
      "gather",
      "lift",
      "locations",
      "lookup",
      "materialize",
      "parseIdentifier",
    ],
    ...["readTable", "recordEquals", "recordMerge", "schema", "schemaVersionOf", "t", "validate", "writeTable"],
  ],
  "legolas-flux/safetensors": [
    ...["decodeSafetensors", "encodeSafetensors", "fromSafetensors", "openSafetensors", "toSafetensors"],
  ],
  "legolas-flux/tfjs": [
    ...["ModelCheckpoint", "TrainingStateV1", "fetchTrainingState", "fetchWeights", "loadWeights", "resumeTraining"],
    ...["blocks", "features", "flip", "insert", "merge", "permute", "registerLayer"],
    ...["concatenateOrder", "flattenOrder", "keepOrder", "permuteOrder", "reshapeOrder", "sameOrder", "spatialOrder"],
  ],
};

const tsc = fileURLToPath(new URL("../../node_modules/.bin/tsc", import.meta.url));

/** The code of an entry, or of some of its exports, as a browser loads it. */
async function bundle(code: string): Promise<{ modules: string[]; outside: string[]; gzipped: number; entry: string }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: consumer.folder },
    bundle: true,
    minify: true,
    splitting: true,
    outdir: join(consumer.folder, "bundle"),
    format: "esm",
    platform: "browser",
    write: false,
    metafile: true,
    external: ["@tensorflow/tfjs"],
    logLevel: "silent",
    tsconfigRaw: "{}",
  });
  for (const { path, contents } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
  }
  const entry = outputFiles.find(({ path }) => path.endsWith("stdin.js"));
  if (!entry) throw new Error("the bundle has no entry");
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  const outside = imports.filter(({ external }) => external).map(({ path }) => path);
  const isLoadedAtOnce = ({ path }: { path: string }): boolean => !/(lz4-frame|zstd)-/.test(path);
  const size = outputFiles.filter(isLoadedAtOnce).reduce((sum, file) => sum + gzipSync(file.contents).length, 0);
  return { modules: Object.keys(metafile.inputs), outside, gzipped: size, entry: entry.path };
}

/** The TypeScript of the README as one module, and what shows that it ran. */
function readmeModule(): string {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  return `${pageCode(readme)}
console.log(netWeights.names?.join());
console.log(first?.path, kernel?.size.join());
console.log(best.epoch, best.config.seed, best.weights?.length);
`;
}

describe("the packed package", () => {
  it("holds the built code, its types and the documents, and no test", () => {
    expect(consumer.files).toEqual(
      expect.arrayContaining([
        "README.md",
        "LICENSE",
        "LICENSE-zstd",
        "CHANGELOG.md",
        "dist/index.js",
        "dist/index.d.ts",
      ]),
    );
    expect(consumer.files.filter((path) => !/^(dist\/|README|LICENSE|CHANGELOG|package\.json)/.test(path))).toEqual([]);
    expect(consumer.files.filter((path) => /test/.test(path))).toEqual([]);
  });

  it.each(Object.entries(entries))("exports from %s these names and no others", (entry, names) => {
    const script = `console.log(JSON.stringify(Object.keys(await import("${entry}"))))`;
    const exported = JSON.parse(consumer.run("node", "--input-type=module", "-e", script)) as string[];
    expect(exported.sort()).toEqual([...names].sort());
  });

  it("runs the README's code as written, and type-checks it", () => {
    writeFileSync(join(consumer.folder, "package.json"), '{ "type": "module" }');
    writeFileSync(join(consumer.folder, "readme.ts"), readmeModule());
    const options = [
      "--noEmit",
      "--strict",
      "--skipLibCheck",
      "--target",
      "es2023",
      "--module",
      "nodenext",
      "--types",
      "node",
    ];
    expect(consumer.run(tsc, ...options, "readme.ts")).toBe("");
    expect(consumer.run("node", "--import", "tsx", "readme.ts")).toBe(
      "layers.0.weight,layers.0.bias\nruns/training_run.digits.model.arrow 10,1\n3 7 6\n",
    );
  }, 60_000);
});

describe("the installed command", () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));

  it("is an executable that npx finds, and reads a file", () => {
    const { bin } = JSON.parse(
      readFileSync(join(consumer.folder, "node_modules/legolas-flux/package.json"), "utf8"),
    ) as { bin: Record<string, string> };
    const script = join(consumer.folder, "node_modules/legolas-flux", bin["legolas-flux"] ?? "none");
    expect(readFileSync(script, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
    const file = join(root, "test/golden/julia/digits.arrow");
    expect(consumer.run("node", script, "inspect", file)).toContain("digits.model@1 > legolas-flux.model@1");
    expect(consumer.run("node", script, "--version")).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("takes a user's module of declarations, which imports the installed package", () => {
    const module = `import { ModelV1 } from "legolas-flux";
import { schema, t } from "legolas-flux/legolas";
export const Config = schema("digits-config").version(1, { fields: { seed: t.int64, dropout_rate: t.float32 } });
export const Digits = schema("digits.model").version(1, {
  extends: ModelV1,
  fields: { config: Config, epoch: t.optional(t.int64), accuracy: t.optional(t.float32) },
});`;
    writeFileSync(join(consumer.folder, "digits.mjs"), module);
    const script = join(consumer.folder, "node_modules/legolas-flux/dist/cli/main.js");
    const file = join(root, "test/golden/julia/digits.arrow");
    const output = consumer.run("node", script, "validate", "--schema", "digits.mjs", file);
    expect(output).toMatch(/^ok .*digits\.model@1, 1 row, no checksums\n$/);
  });
});

describe("the viewer in the package", () => {
  it("is served by the installed command, with the file that was named, until it is interrupted", async () => {
    const script = join(consumer.folder, "node_modules/legolas-flux/dist/cli/main.js");
    const file = fileURLToPath(new URL("../golden/julia/digits.arrow", import.meta.url));
    const command = spawn(process.execPath, [script, "view", "--no-open", file], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(command, "exit");
    try {
      const [line] = (await once(command.stdout, "data")) as [Buffer];
      const [address = ""] = /http:\/\/127\.0\.0\.1:\d+\/\?served/.exec(String(line)) ?? [];
      const page = await (await fetch(address)).text();
      const [, entry = ""] = /src="(\.\/assets\/[^"]+)"/.exec(page) ?? [];
      expect((await fetch(new URL(entry, address))).headers.get("Content-Type")).toMatch(/javascript/);
      expect(await (await fetch(new URL("/served.json", address))).json()).toEqual({
        kind: "file",
        files: ["digits.arrow"],
      });
      const served = new Uint8Array(await (await fetch(new URL("/files/digits.arrow", address))).arrayBuffer());
      expect(Buffer.compare(served, readFileSync(file))).toBe(0);
    } finally {
      command.kill("SIGINT");
    }
    expect(await ended).toEqual([0, null]);
  });

  it("opens its start page where nothing is named, on a port that stays the same, or on another if that is taken", async () => {
    const script = join(consumer.folder, "node_modules/legolas-flux/dist/cli/main.js");
    const start = () =>
      spawn(process.execPath, [script, "view", "--no-open"], { stdio: ["ignore", "pipe", "inherit"] });
    const addressOf = async ({ stdout }: ReturnType<typeof start>): Promise<string> => {
      const [line] = (await once(stdout, "data")) as [Buffer];
      return /http:\/\/127\.0\.0\.1:\d+\/(?= until)/.exec(String(line))?.[0] ?? "";
    };
    const first = start();
    const firstAddress = await addressOf(first);
    const second = start();
    try {
      const secondAddress = await addressOf(second);
      expect(secondAddress).not.toBe(firstAddress);
      for (const address of [firstAddress, secondAddress]) {
        expect(await (await fetch(address)).text()).toContain("<title>legolas-flux viewer</title>");
        expect(await (await fetch(new URL("digits.html", address))).text()).toContain("<title>Draw a digit");
        expect((await fetch(new URL("served.json", address))).status).toBe(404);
      }
    } finally {
      for (const command of [first, second]) {
        const ended = once(command, "exit");
        command.kill("SIGINT");
        expect(await ended).toEqual([0, null]);
      }
    }
  });

  const page = () => join(consumer.folder, "node_modules/legolas-flux/dist/viewer");
  /** The scripts that a page names, and those that they name, such as its worker: whatever it may ever load. */
  const scriptsOf = (html: string): string[] => {
    const found = new Set<string>();
    const search = (text: string): void => {
      for (const [name] of text.matchAll(/[\w-]+\.js(?=["'`])/g)) {
        const path = join(page(), "assets", name);
        if (found.has(name) || !existsSync(path)) continue;
        found.add(name);
        search(readFileSync(path, "utf8"));
      }
    };
    search(readFileSync(join(page(), html), "utf8"));
    return [...found];
  };
  const gzipped = (names: readonly string[]): number =>
    names.reduce((sum, name) => sum + gzipSync(readFileSync(join(page(), "assets", name))).length, 0);
  const isZstd = (name: string): boolean => name.startsWith("zstd-binary");

  it("costs less than 150 kB gzipped, but for the ZSTD decoder, and the page for drawing digits 220 kB", () => {
    const [viewer, digits] = [scriptsOf("index.html"), scriptsOf("digits.html")];
    const all = readdirSync(join(page(), "assets")).filter((name) => name.endsWith(".js"));
    expect(new Set([...viewer, ...digits])).toEqual(new Set(all));
    expect(viewer.some((name) => name.startsWith("worker-"))).toBe(true);
    for (const [names, least, most] of [
      [viewer, 20_000, 150_000],
      [digits, 150_000, 220_000],
    ] as const) {
      const size = gzipped(names.filter((name) => !isZstd(name)));
      expect(size).toBeGreaterThan(least);
      expect(size).toBeLessThan(most);
    }
    // Of TensorFlow.js.
    const isComputing = (name: string): boolean =>
      readFileSync(join(page(), "assets", name), "utf8").includes("sparseCategoricalCrossentropy");
    expect(viewer.filter(isComputing)).toEqual([]);
    expect(digits.filter(isComputing)).toHaveLength(1);
  });

  it.each(["index.html", "digits.html"])("has no inline code in %s", (name) => {
    const html = readFileSync(join(page(), name), "utf8");
    expect(html).toContain("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'");
    expect(html).not.toMatch(/<style|style=|<script(?![^>]* src=)| on\w+=/);
  });

  it("comes with the model of the page for drawing digits, below 500 kB", () => {
    const file = readFileSync(join(page(), "demo.digits.model.arrow"));
    expect(file.length).toBeLessThan(500_000);
    const script = join(consumer.folder, "node_modules/legolas-flux/dist/cli/main.js");
    const output = consumer.run("node", script, "inspect", join(page(), "demo.digits.model.arrow"));
    expect(output).toContain("digits.model@1 > legolas-flux.model@1");
  });
});

describe("in a browser bundle", () => {
  it.each(Object.keys(entries))("%s reaches no module of Node", async (entry) => {
    // A module of Node that could be reached would fail the bundling, or stand among the modules as disabled or outside.
    const { modules, outside } = await bundle(`export * from "${entry}"`);
    expect(modules.length).toBeGreaterThan(10);
    expect(modules.filter((path) => /-node\.js$|^\(disabled\)|^node:/.test(path))).toEqual([]);
    expect(outside.filter((path) => path !== "@tensorflow/tfjs")).toEqual([]);
    expect(modules.filter((path) => /commander|tinyglobby/.test(path))).toEqual([]);
  });

  it("reading one row costs no more than 21.7 kB gzipped, and all of the main entry 40.5 kB", async () => {
    expect((await bundle('export { decodeModelRow } from "legolas-flux"')).gzipped).toBeLessThan(21_700);
    expect((await bundle('export * from "legolas-flux"')).gzipped).toBeLessThan(40_500);
  });

  it("a store costs no more than 5 kB gzipped beside the verbs, and its entry with them 39.5 kB", async () => {
    const verbs = 'export { openModelRow, readModelRow, writeModelRow } from "legolas-flux"';
    const both = await bundle('export * from "legolas-flux/browser"');
    expect(both.gzipped - (await bundle(verbs)).gzipped).toBeLessThan(5_000);
    expect(both.gzipped).toBeLessThan(39_500);
  });

  it("the bytes of a safetensors file cost no more than 7 kB gzipped, and all of its entry 17.2 kB", async () => {
    expect((await bundle('export { decodeSafetensors } from "legolas-flux/safetensors"')).gzipped).toBeLessThan(7_000);
    expect((await bundle('export * from "legolas-flux/safetensors"')).gzipped).toBeLessThan(17_200);
  });

  it("a bundle of decodeModelRow alone knows ModelV1", async () => {
    const { entry } = await bundle('export { decodeModelRow } from "legolas-flux"');
    const { decodeModelRow } = (await import(pathToFileURL(entry).href)) as typeof import("legolas-flux");
    const row = decodeModelRow(readFileSync(new URL("../golden/julia/simple_arch3.arrow", import.meta.url)));
    expect(row.architecture_version).toBe(3);
    expect(row.weights?.length).toBe(6);
  });

  it("errors keep their names, whatever a minifier calls their classes", async () => {
    const { entry } = await bundle('export { decodeModelRow } from "legolas-flux"');
    const { decodeModelRow } = (await import(pathToFileURL(entry).href)) as typeof import("legolas-flux");
    expect(() => decodeModelRow(new Uint8Array(0))).toThrow(expect.objectContaining({ name: "FormatError" }));
  });
});
