/**
 * Where the messages of an Arrow IPC file or stream stand.
 *
 * Idea: walk the message headers from the start, jumping over bodies, as Julia does; the footer of a file must agree with what the
 * walk found, and serves alone where the body has no schema message (files by apache-arrow for JavaScript).
 * Source: https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format
 */
import { FormatError } from "../errors.ts";
import { type ReadPlan, readRange } from "../io/read-plan.ts";
import type { Schema } from "./data-type.ts";
import {
  type Block,
  decodeFooter,
  decodeMessage,
  type Footer,
  type Message,
  type RecordBatch,
} from "./message-codec.ts";

/** A record or dictionary batch and where its body starts. */
export interface BatchPlace {
  readonly batch: RecordBatch;
  readonly version: number;
  /** Bytes from the start of the source. */
  readonly bodyPosition: number;
  readonly bodyLength: number;
}

export interface DictionaryPlace extends BatchPlace {
  readonly id: bigint;
  readonly isDelta: boolean;
  /** How many record batches stand before it. */
  readonly recordBatchesBefore: number;
}

export interface IpcIndex {
  readonly format: "file" | "stream";
  readonly schema: Schema;
  readonly dictionaries: readonly DictionaryPlace[];
  readonly recordBatches: readonly BatchPlace[];
  /** The messages as a footer lists them. */
  readonly blocks: { readonly dictionaries: readonly Block[]; readonly recordBatches: readonly Block[] };
  /** Where the last message ends: the footer of a file, or the end-of-stream marker, begins there. */
  readonly end: number;
  /** False for a stream that just ends after a message. */
  readonly hasEnd: boolean;
}

/** Whether any part of a source is compressed. */
export function isCompressed({ dictionaries, recordBatches }: IpcIndex): boolean {
  return [...dictionaries, ...recordBatches].some(({ batch }) => batch.codec !== null);
}

const magic = "ARROW1";
const magicBytes = 8;
/** Enough to tell what else a file may be. */
const sniffedBytes = 16;
/** Footer length and the closing magic. */
const tailBytes = 10;
const prefixBytes = 8;
const continuation = 0xffffffff;

/** Reads the index of a source of the given size in bytes. */
export function* readIpcIndex(size: number): ReadPlan<IpcIndex> {
  const head = yield* readRange(0, Math.min(size, sniffedBytes));
  if (size < magicBytes) throw notArrow(head);
  return latin1(head.subarray(0, magic.length)) === magic ? yield* readFile(size) : yield* readStream(size, head);
}

function* readFile(size: number): ReadPlan<IpcIndex> {
  const footer = yield* readFooter(size);
  const walk = new Walk("file");
  let position = magicBytes;
  while (position < footer.position) {
    const message = yield* readMessage(position, footer.position);
    if (message === null) break;
    walk.add(message, position);
    position = message.end;
  }
  checkFooter(footer.footer, walk);
  return walk.index(footer.footer.schema, footer.position, true);
}

function* readFooter(size: number): ReadPlan<{ footer: Footer; position: number }> {
  if (size < magicBytes + tailBytes) throw truncated("a footer", size);
  const tail = yield* readRange(size - tailBytes, tailBytes);
  if (latin1(tail.subarray(4)) !== magic) throw truncated("the closing ARROW1", size);
  const length = new DataView(tail.buffer, tail.byteOffset).getInt32(0, true);
  const position = size - tailBytes - length;
  if (length <= 0 || position < magicBytes) {
    throw damaged(`a footer of ${length} bytes in a file of ${size}`, size - tailBytes);
  }
  return { footer: decodeFooter(yield* readRange(position, length), position), position };
}

function* readStream(size: number, head: Uint8Array): ReadPlan<IpcIndex> {
  if (new DataView(head.buffer, head.byteOffset).getUint32(0, true) !== continuation) throw notArrow(head);
  const walk = new Walk("stream");
  let position = 0;
  while (position < size) {
    const message = yield* readMessage(position, size);
    if (message === null) return walk.index(null, position, true);
    walk.add(message, position);
    position = message.end;
  }
  return walk.index(null, position, false);
}

interface PlacedMessage extends Message {
  readonly bodyPosition: number;
  readonly end: number;
}

/** The message at a position, or null at the end-of-stream marker. */
function* readMessage(position: number, limit: number): ReadPlan<PlacedMessage | null> {
  if (limit - position < prefixBytes) throw truncated("a message", position);
  const prefix = yield* readRange(position, prefixBytes);
  const view = new DataView(prefix.buffer, prefix.byteOffset);
  if (view.getUint32(0, true) !== continuation) throw damaged("no message where one must stand", position);
  const metadataLength = view.getInt32(4, true);
  if (metadataLength === 0) return null;
  const start = position + prefixBytes;
  if (metadataLength < 0) throw damaged(`a message of ${metadataLength} bytes`, position);
  if (start + metadataLength > limit) throw truncated("a message", position);
  const message = decodeMessage(yield* readRange(start, metadataLength), start);
  const bodyPosition = start + metadataLength;
  if (bodyPosition + message.bodyLength > limit) throw truncated(`a body of ${message.bodyLength} bytes`, bodyPosition);
  return { ...message, bodyPosition, end: bodyPosition + message.bodyLength };
}

/** Collects the messages of a walk. */
class Walk {
  readonly recordBlocks: Block[] = [];
  readonly dictionaryBlocks: Block[] = [];
  private schema: Schema | null = null;
  private readonly dictionaries: DictionaryPlace[] = [];
  private readonly recordBatches: BatchPlace[] = [];

  constructor(private readonly format: "file" | "stream") {}

  add({ header, version, bodyPosition, bodyLength }: PlacedMessage, position: number): void {
    const block = { offset: position, metadataLength: bodyPosition - position, bodyLength };
    if (header.kind === "schema") {
      if (this.schema || this.recordBatches.length > 0) throw damaged("a second schema", position);
      this.schema = header.schema;
      return;
    }
    if (this.format === "stream" && !this.schema) throw damaged("data before the schema", position);
    const place = { batch: header.batch, version, bodyPosition, bodyLength };
    if (header.kind === "recordBatch") {
      this.recordBatches.push(place);
      this.recordBlocks.push(block);
    } else {
      const { id, isDelta } = header;
      this.dictionaries.push({ ...place, id, isDelta, recordBatchesBefore: this.recordBatches.length });
      this.dictionaryBlocks.push(block);
    }
  }

  index(footerSchema: Schema | null, end: number, hasEnd: boolean): IpcIndex {
    const schema = this.schema ?? footerSchema;
    if (schema === null) throw damaged("no schema", 0);
    if (this.schema && footerSchema && !sameSchema(this.schema, footerSchema)) {
      throw damaged("a footer whose schema differs from the one at the start", 0);
    }
    return {
      format: this.format,
      schema,
      dictionaries: this.dictionaries,
      recordBatches: this.recordBatches,
      blocks: { dictionaries: this.dictionaryBlocks, recordBatches: this.recordBlocks },
      end,
      hasEnd,
    };
  }
}

function checkFooter(footer: Footer, walk: Walk): void {
  if (sameBlocks(footer.recordBatches, walk.recordBlocks) && sameBlocks(footer.dictionaries, walk.dictionaryBlocks))
    return;
  throw damaged("a footer that does not list the messages of the body", footer.recordBatches[0]?.offset ?? 0);
}

/** Whether both list the same blocks, in any order: Arrow.jl lists dictionaries in another order than it writes them. */
function sameBlocks(listed: readonly Block[], walked: readonly Block[]): boolean {
  const key = ({ offset, metadataLength, bodyLength }: Block): string => `${offset}:${metadataLength}:${bodyLength}`;
  const keys = new Set(walked.map(key));
  return listed.length === walked.length && listed.every((block) => keys.delete(key(block)));
}

function sameSchema(a: Schema, b: Schema): boolean {
  return samePlain(a, b);
}

/** Whether two schemas, or parts of them, are the same; they consist of plain objects, arrays, Maps of strings, and single values. */
function samePlain(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (a instanceof Map && b instanceof Map) return samePlain([...a], [...b]);
  const keys = Object.keys(a);
  return (
    Object.keys(b).length === keys.length &&
    keys.every((key) => samePlain((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  );
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function notArrow(head: Uint8Array): FormatError {
  const printable = latin1(head).replace(/[^\x20-\x7e]/g, "·");
  const guesses: readonly (readonly [RegExp, string])[] = [
    [/^\s*</, "what looks like an HTML or XML page"],
    [/^\s*[{[]/, "what looks like JSON"],
    [/^PK/, "a ZIP archive"],
    [/^·HDF/, "an HDF5 file"],
    [/^PAR1/, "a Parquet file"],
    [/^.{8}\{/, "what looks like a safetensors file, for legolas-flux/safetensors"],
  ];
  const guess = guesses.find(([pattern]) => pattern.test(printable))?.[1];
  return new FormatError({
    subject: "source",
    expected: "an Arrow IPC file or stream",
    found:
      head.length === 0 ? "no bytes" : `${guess ?? "other bytes"} (it begins with "${printable.slice(0, magicBytes)}")`,
    remedy: "Check the path or address; files of this package end in .model.arrow by convention",
    byteOffset: 0,
  });
}

function truncated(what: string, position: number): FormatError {
  return new FormatError({
    subject: "Arrow data",
    expected: what,
    found: "the end of the data",
    remedy: "The file was cut off, perhaps by an interrupted copy or download: fetch or write it again",
    byteOffset: position,
  });
}

function damaged(found: string, position: number): FormatError {
  return new FormatError({
    subject: "Arrow data",
    expected: "a well-formed sequence of Arrow messages",
    found,
    remedy: "The file is damaged: fetch or write it again",
    byteOffset: position,
  });
}
