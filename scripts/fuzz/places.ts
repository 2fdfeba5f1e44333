/**
 * Where the parts of well-formed Arrow bytes stand, so that a mutation can aim at one.
 *
 * Read by hand (`test/helpers/raw-messages.ts`), not with the code under test.
 */
import { type RawIpc, type RawMessage, rawMessages } from "../../test/helpers/raw-messages.ts";

/** Bytes `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Places {
  readonly format: "file" | "stream";
  /** Whole messages, prefix and body included, the schema's first. */
  readonly messages: readonly Span[];
  readonly metadata: readonly Span[];
  readonly bodies: readonly Span[];
  /** Buffers of bodies that are not empty. */
  readonly buffers: readonly Span[];
  /** Numbers of 32 bits that say how long something is or where it stands. */
  readonly lengths32: readonly number[];
  /** The same of 64 bits. */
  readonly lengths64: readonly number[];
  /** Pairs of 64-bit numbers: the nodes and the buffers of a batch. */
  readonly pairs: readonly number[];
  /** Text in metadata: positions of its 32-bit length, which stands before it. */
  readonly texts: readonly number[];
}

export function findPlaces(bytes: Uint8Array): Places {
  const raw = rawMessages(bytes);
  const metadata = raw.messages.map(({ position, bodyPosition }) => ({ start: position + 8, end: bodyPosition }));
  if (raw.footer) metadata.push({ start: raw.footer.position, end: raw.footer.position + raw.footer.length });
  const pairs = raw.messages.flatMap(({ nodes, buffers }) => [
    ...nodes.map(({ length }) => length.at),
    ...buffers.map(({ offset }) => offset.at),
  ]);
  return {
    format: raw.format,
    messages: raw.messages.map((message) => ({ start: message.position, end: endOf(message) })),
    metadata,
    bodies: raw.messages.filter(({ bodyLength }) => bodyLength > 0).map(bodyOf),
    buffers: raw.messages.flatMap(buffersOf),
    lengths32: [...raw.messages.map(({ position }) => position + 4), ...footerLengths(raw, bytes)],
    lengths64: [
      ...pairs.flatMap((at) => [at, at + 8]),
      ...raw.messages.flatMap(({ rows }) => (rows ? [rows.at] : [])),
      ...raw.messages.flatMap(({ variadicCounts }) => variadicCounts.map(({ at }) => at)),
      ...(raw.footer?.recordBatches ?? []).flatMap(({ offset, bodyLength }) => [offset.at, bodyLength.at]),
    ],
    pairs,
    texts: metadata.flatMap((span) => textsIn(bytes, span)),
  };
}

function endOf({ bodyPosition, bodyLength }: RawMessage): number {
  return bodyPosition + bodyLength;
}

function bodyOf(message: RawMessage): Span {
  return { start: message.bodyPosition, end: endOf(message) };
}

function buffersOf({ bodyPosition, buffers }: RawMessage): Span[] {
  return buffers
    .filter(({ length }) => length.value > 0)
    .map(({ offset, length }) => ({
      start: bodyPosition + offset.value,
      end: bodyPosition + offset.value + length.value,
    }));
}

function footerLengths({ footer }: RawIpc, bytes: Uint8Array): number[] {
  return footer ? [bytes.length - 10, ...footer.recordBatches.map(({ metadataLength }) => metadataLength.at)] : [];
}

/** Anything that looks like a flatbuffer string: a length, that many printable bytes, a zero. */
function textsIn(bytes: Uint8Array, { start, end }: Span): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: number[] = [];
  for (let at = Math.ceil(start / 4) * 4; at + 5 <= end; at += 4) {
    const length = view.getUint32(at, true);
    if (length === 0 || length > 200 || at + 4 + length >= end || bytes[at + 4 + length] !== 0) continue;
    if (bytes.subarray(at + 4, at + 4 + length).every((byte) => byte >= 32 && byte < 127)) found.push(at);
  }
  return found;
}
