/** The well-formed files that are damaged: those that Julia and polars wrote, some that this package writes, and types that only others write. */
import { readFileSync } from "node:fs";
import { encodeModelRow, FlatArray, loadCodecs, Weights, writeModelRows } from "legolas-flux";
import { type AnySchemaVersion, decodeTable, type EncodeOptions, encodeTable, schema, t } from "legolas-flux/legolas";
import { DigitsRowV1 } from "../../test/golden/schemas.ts";
import { everyType, type TypeCase } from "../../test/helpers/every-type.ts";
import { bytesOf, juliaFixtures, listJuliaFiles } from "../../test/helpers/julia-fixtures.ts";
import { rawMessages } from "../../test/helpers/raw-messages.ts";
import { withViews } from "../../test/helpers/view-stream.ts";
import { otherTypes } from "./other-types.ts";
import { findPlaces, type Places } from "./places.ts";

export interface Subject {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Whether it holds one model row. */
  readonly isModel: boolean;
  /** Whether its weights are stored with digests. */
  readonly hasDigests: boolean;
  /** As what it is read row by row, where it names no schema; null where it does. */
  readonly readAs: AnySchemaVersion | null;
  readonly places: Places;
}

/** Larger files take too long to be damaged often; each is much like a smaller one. */
const maxBytes = 10_000;

function subject(name: string, bytes: Uint8Array, isModel: boolean): Subject {
  const hasDigests = name.includes("checksum");
  return { name, bytes, isModel, hasDigests, readAs: versionFor(bytes), places: findPlaces(bytes) };
}

const anyVersions = new Map<string, AnySchemaVersion>();

/** A schema version with the columns of a table that names none. */
function versionFor(bytes: Uint8Array): AnySchemaVersion | null {
  const { schemaVersion, columnNames } = decodeTable(bytes, { validate: false });
  if (schemaVersion) return null;
  const key = columnNames.join();
  const known =
    anyVersions.get(key) ??
    schema(`fuzz.any-${anyVersions.size}`).version(1, {
      fields: Object.fromEntries(columnNames.map((name) => [name, t.any])),
    });
  anyVersions.set(key, known);
  return known;
}

function byJulia(): Subject[] {
  const models = new Set(
    juliaFixtures.filter(({ rows }) => rows.length === 1 && rows[0]?.weights !== undefined).map(({ file }) => file),
  );
  return listJuliaFiles()
    .map((file) => ({ file, bytes: bytesOf(file) }))
    .filter(({ bytes }) => bytes.length <= maxBytes)
    .map(({ file, bytes }) => subject(`julia/${file}`, bytes, models.has(file)));
}

/** Files whose texts are views, which polars writes. */
function byPolars(): Subject[] {
  const names = ["views", "views_stream", "views_lz4", "views_zstd"];
  const read = (name: string): Buffer =>
    readFileSync(new URL(`../../test/golden/polars/${name}.arrow`, import.meta.url));
  return names.map((name) => subject(`polars ${name}`, new Uint8Array(read(name)), false));
}

const ramp = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => i / 4 - 3);

const floatWeights = new Weights([new FlatArray(ramp(12), [3, 4]), new FlatArray(ramp(4), [4])], {
  names: ["dense/kernel", "dense/bias"],
  layout: "tfjs",
  dtypes: ["bfloat16", "float32"],
});
const boolWeights = new Weights([
  new FlatArray(Uint8Array.of(1, 0, 1, 1, 0), [5], "bool"),
  new FlatArray(Uint8Array.of(1, 1, 0), [3], "bool"),
]);

const row = (weights: Weights | null, epoch: number): object =>
  DigitsRowV1({
    weights,
    architecture_version: 1,
    config: { seed: epoch, dropout_rate: 0.5 },
    epoch,
    commit_sha: "abc",
  });

const forms: Readonly<Record<string, EncodeOptions>> = {
  plain: {},
  checksum: { checksum: true },
  stream: { format: "stream" },
  "checksum stream": { checksum: true, format: "stream" },
  lz4: { compression: "lz4" },
  zstd: { compression: "zstd" },
  "checksum lz4": { compression: "lz4", checksum: true },
  "checksum zstd": { compression: "zstd", checksum: true, format: "stream" },
};

function modelFiles(): Subject[] {
  const encode = (weights: Weights | null, options: EncodeOptions) =>
    encodeModelRow(row(weights, 7), DigitsRowV1, options);
  return [
    ...Object.entries(forms).map(([name, options]) => subject(`model ${name}`, encode(floatWeights, options), true)),
    subject("model of bools, checksum", encode(boolWeights, { checksum: true }), true),
    subject("model with views, checksum", withViews(encode(floatWeights, { checksum: true })), true),
    subject("model without weights", encode(null, {}), true),
  ];
}

async function manyRows(options: EncodeOptions): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const sink = {
    location: "memory",
    write: async (bytes: Uint8Array) => void parts.push(bytes.slice()),
    close: async () => {},
    abort: async () => {},
  };
  await writeModelRows(sink, [row(floatWeights, 1), row(null, 2), row(floatWeights, 3)], DigitsRowV1, options);
  return new Uint8Array(Buffer.concat(parts));
}

/** A table with a column for each of some types, its values and then a null. */
function tableOf(cases: readonly TypeCase[], number: number): (options: EncodeOptions) => Uint8Array {
  const version = schema(`fuzz.types-${number}`).version(1, {
    fields: Object.fromEntries(cases.map(({ name, type }) => [name.replaceAll(" ", "_"), t.optional(type)])),
  });
  const rows = [0, 1, 2, 3].map((i) =>
    version(
      Object.fromEntries(cases.map(({ name, values }) => [name.replaceAll(" ", "_"), values[i] ?? null])) as never,
    ),
  );
  return (options) => encodeTable(rows, version, options);
}

const typesInTable = 5;

function typeTables(): Subject[] {
  const numbers = [...Array(Math.ceil(everyType.length / typesInTable)).keys()];
  return numbers.flatMap((number) => {
    const encode = tableOf(everyType.slice(typesInTable * number, typesInTable * (number + 1)), number);
    return (["plain", "stream", "lz4"] as const).map((form) =>
      subject(`types ${number} ${form}`, encode(forms[form] as EncodeOptions), false),
    );
  });
}

/** Whether it is a file whose schema is a message, which those of polars are not. */
function hasSchemaMessage({ places, bytes }: Subject): boolean {
  return places.format === "file" && rawMessages(bytes).messages[0]?.kind === "schema";
}

/** The messages of a file without its footer, which would contradict any damage to the schema before anything is tried. */
function asStream({ name, bytes, places, isModel }: Subject): Subject {
  const messages = places.messages.map(({ start, end }) => bytes.subarray(start, end));
  return subject(`${name} as a stream`, new Uint8Array(Buffer.concat(messages)), isModel);
}

/** All of them, in an order that does not change. Loads the codecs and declares the schemas. */
export async function loadSubjects(): Promise<readonly Subject[]> {
  await loadCodecs();
  const rows = [
    subject("rows checksum stream", await manyRows({ format: "stream", checksum: true }), false),
    subject("rows file", await manyRows({}), false),
    subject("rows zstd", await manyRows({ compression: "zstd", format: "stream" }), false),
  ];
  const others = otherTypes().map(([name, bytes]) => subject(`apache-arrow ${name}`, bytes, false));
  const files = [...byJulia(), ...byPolars(), ...modelFiles(), ...rows, ...typeTables(), ...others];
  return [...files, ...files.filter(hasSchemaMessage).map(asStream)];
}
