/**
 * Arrow IPC bytes, read by hand and without checks.
 *
 * Idea: what is asserted of written bytes must not be read with the code that wrote them; this is the least that finds the
 * messages, fields, nodes and buffers of well-formed bytes. Source: Message.fbs, Schema.fbs and File.fbs of the Arrow format.
 */

/** A flatbuffer table at a position of the bytes. */
export class RawFlat {
  constructor(
    readonly bytes: Uint8Array,
    readonly position: number,
  ) {}

  get view(): DataView {
    return new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
  }

  /** Position of a slot's value, or null where the slot is absent. */
  slot(index: number): number | null {
    const vtable = this.position - this.view.getInt32(this.position, true);
    const entry = 4 + 2 * index;
    if (entry + 2 > this.view.getUint16(vtable, true)) return null;
    const offset = this.view.getUint16(vtable + entry, true);
    return offset === 0 ? null : this.position + offset;
  }

  int(index: number, read: (view: DataView, at: number) => number, absent = 0): number {
    const at = this.slot(index);
    return at === null ? absent : read(this.view, at);
  }

  uint8(index: number): number {
    return this.int(index, (view, at) => view.getUint8(at));
  }

  int16(index: number): number {
    return this.int(index, (view, at) => view.getInt16(at, true));
  }

  int32(index: number): number {
    return this.int(index, (view, at) => view.getInt32(at, true));
  }

  int64(index: number): number {
    return this.int(index, (view, at) => Number(view.getBigInt64(at, true)));
  }

  table(index: number): RawFlat | null {
    const at = this.slot(index);
    return at === null ? null : new RawFlat(this.bytes, at + this.view.getUint32(at, true));
  }

  /** Positions of a vector's elements of `stride` bytes. */
  vector(index: number, stride: number): number[] {
    const at = this.slot(index);
    if (at === null) return [];
    const start = at + this.view.getUint32(at, true);
    return Array.from({ length: this.view.getUint32(start, true) }, (_, i) => start + 4 + stride * i);
  }

  tables(index: number): RawFlat[] {
    return this.vector(index, 4).map((at) => new RawFlat(this.bytes, at + this.view.getUint32(at, true)));
  }

  text(index: number): string | null {
    const at = this.slot(index);
    if (at === null) return null;
    const start = at + this.view.getUint32(at, true);
    return new TextDecoder().decode(this.bytes.subarray(start + 4, start + 4 + this.view.getUint32(start, true)));
  }
}

/** A field as it stands in a schema; `typeNumber` counts as Schema.fbs does: 1 Null, 2 Int, ... */
export interface RawField {
  readonly name: string | null;
  readonly nullable: boolean;
  readonly typeNumber: number;
  readonly type: RawFlat | null;
  readonly isDictionary: boolean;
  readonly children: readonly RawField[];
  /** Null where the field has no metadata vector at all. */
  readonly metadata: readonly (readonly [string | null, string | null])[] | null;
}

export interface RawSchema {
  readonly fields: readonly RawField[];
  readonly metadata: readonly (readonly [string | null, string | null])[];
}

function rawMetadata(table: RawFlat, slot: number): [string | null, string | null][] {
  return table.tables(slot).map((entry) => [entry.text(0), entry.text(1)]);
}

function rawField(table: RawFlat): RawField {
  return {
    name: table.text(0),
    nullable: table.uint8(1) !== 0,
    typeNumber: table.uint8(2),
    type: table.table(3),
    isDictionary: table.table(4) !== null,
    children: table.tables(5).map(rawField),
    metadata: table.slot(6) === null ? null : rawMetadata(table, 6),
  };
}

function rawSchema(table: RawFlat): RawSchema {
  return { fields: table.tables(1).map(rawField), metadata: rawMetadata(table, 2) };
}

/** Where a 64-bit number stands in the bytes, and what it is. */
export interface RawNumber {
  readonly at: number;
  readonly value: number;
}

export interface RawMessage {
  readonly kind: "schema" | "dictionaryBatch" | "recordBatch" | "other";
  readonly version: number;
  /** Of the continuation marker. */
  readonly position: number;
  /** Bytes before the body, the 8 bytes of the prefix included. */
  readonly metadataLength: number;
  readonly bodyPosition: number;
  readonly bodyLength: number;
  /** The message itself, whose slots are version, header type, header and body length. */
  readonly table: RawFlat;
  readonly schema: RawSchema | null;
  /** Of a record batch: its number of rows, its nodes and its buffers, `offset` from the start of the body. */
  readonly rows: RawNumber | null;
  readonly nodes: readonly { readonly length: RawNumber; readonly nullCount: RawNumber }[];
  readonly buffers: readonly { readonly offset: RawNumber; readonly length: RawNumber }[];
  /** How many buffers the views of each field refer to. */
  readonly variadicCounts: readonly RawNumber[];
}

export interface RawIpc {
  readonly format: "file" | "stream";
  readonly messages: readonly RawMessage[];
  /** Positions of end-of-stream markers (FFFFFFFF 00000000) that the walk met. */
  readonly endMarkers: readonly number[];
  /** Where the walk ended: the footer's position in a file, the end of the bytes or of the marker in a stream. */
  readonly end: number;
  /** Of a file only. */
  readonly footer: RawFooter | null;
}

export interface RawFooter {
  readonly position: number;
  readonly length: number;
  readonly schema: RawSchema;
  readonly dictionaries: readonly RawBlock[];
  readonly recordBatches: readonly RawBlock[];
}

export interface RawBlock {
  readonly offset: RawNumber;
  readonly metadataLength: RawNumber;
  readonly bodyLength: RawNumber;
}

const kinds = ["other", "schema", "dictionaryBatch", "recordBatch"] as const;

function numberAt(view: DataView, at: number): RawNumber {
  return { at, value: Number(view.getBigInt64(at, true)) };
}

function root(bytes: Uint8Array, start: number): RawFlat {
  return new RawFlat(bytes, start + new DataView(bytes.buffer, bytes.byteOffset).getUint32(start, true));
}

function rawMessage(bytes: Uint8Array, position: number, metadataBytes: number): RawMessage {
  const table = root(bytes, position + 8);
  const kind = kinds[table.uint8(1)] ?? "other";
  const header = table.table(2) as RawFlat;
  const batch = kind === "recordBatch" ? header : kind === "dictionaryBatch" ? header.table(1) : null;
  const rows = batch?.slot(0) ?? null;
  const pairs = (slot: number): [RawNumber, RawNumber][] =>
    (batch?.vector(slot, 16) ?? []).map((at) => [numberAt(table.view, at), numberAt(table.view, at + 8)]);
  return {
    kind,
    version: table.int16(0),
    position,
    metadataLength: 8 + metadataBytes,
    bodyPosition: position + 8 + metadataBytes,
    bodyLength: table.int64(3),
    table,
    schema: kind === "schema" ? rawSchema(header) : null,
    rows: rows === null ? null : numberAt(table.view, rows),
    nodes: pairs(1).map(([length, nullCount]) => ({ length, nullCount })),
    buffers: pairs(2).map(([offset, length]) => ({ offset, length })),
    variadicCounts: (batch?.vector(4, 8) ?? []).map((at) => numberAt(table.view, at)),
  };
}

function rawFooter(bytes: Uint8Array): RawFooter {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = view.getInt32(bytes.length - 10, true);
  const position = bytes.length - 10 - length;
  const table = root(bytes, position);
  const blocks = (slot: number): RawBlock[] =>
    table.vector(slot, 24).map((at) => ({
      offset: numberAt(view, at),
      metadataLength: { at: at + 8, value: view.getInt32(at + 8, true) },
      bodyLength: numberAt(view, at + 16),
    }));
  return {
    position,
    length,
    schema: rawSchema(table.table(1) as RawFlat),
    dictionaries: blocks(2),
    recordBatches: blocks(3),
  };
}

/** Where the messages of a file begin: behind the schema where that is none, as polars writes it. */
function firstMessage(view: DataView, footer: RawFooter | null): number {
  if (view.getUint32(8, true) === 0xffffffff) return 8;
  return Math.min(
    ...[...(footer?.recordBatches ?? []), ...(footer?.dictionaries ?? [])].map(({ offset }) => offset.value),
  );
}

/** The messages of well-formed Arrow bytes, and what stands between and after them. */
export function rawMessages(bytes: Uint8Array): RawIpc {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isFile = new TextDecoder().decode(bytes.subarray(0, 6)) === "ARROW1";
  const footer = isFile ? rawFooter(bytes) : null;
  const limit = footer?.position ?? bytes.length;
  const messages: RawMessage[] = [];
  const endMarkers: number[] = [];
  let position = isFile ? firstMessage(view, footer) : 0;
  while (position + 8 <= limit && view.getUint32(position, true) === 0xffffffff) {
    const metadataBytes = view.getInt32(position + 4, true);
    if (metadataBytes === 0) {
      endMarkers.push(position);
      position += 8;
      continue;
    }
    const message = rawMessage(bytes, position, metadataBytes);
    messages.push(message);
    position = message.bodyPosition + message.bodyLength;
  }
  return { format: isFile ? "file" : "stream", messages, endMarkers, end: position, footer };
}

/** The schema at the start of the bytes. */
export function rawSchemaOf(bytes: Uint8Array): RawSchema {
  return rawMessages(bytes).messages[0]?.schema as RawSchema;
}

/** Every field at every depth with its path, such as `weights.weights.item.vec`. */
export function rawFieldPaths(fields: readonly RawField[], parent = ""): [string, RawField][] {
  return fields.flatMap((field) => {
    const path = parent === "" ? String(field.name) : `${parent}.${field.name}`;
    return [[path, field] as [string, RawField], ...rawFieldPaths(field.children, path)];
  });
}

/** The bytes of a record batch's buffer. */
export function rawBuffer(bytes: Uint8Array, message: RawMessage, index: number): Uint8Array {
  const { offset, length } = message.buffers[index] as RawMessage["buffers"][number];
  return bytes.slice(message.bodyPosition + offset.value, message.bodyPosition + offset.value + length.value);
}
