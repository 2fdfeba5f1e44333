/**
 * Where bytes are written to.
 */
import { InputError } from "../errors.ts";
import { isAddress } from "./byte-source.ts";
import type { ProgressOptions } from "./transfer-options.ts";

/** Takes bytes in order. Nothing counts as written before `close`; after `abort` nothing may remain. */
export interface ByteSink {
  /** Path or another name for messages. */
  readonly location: string;
  /**
   * Told how many bytes will be written in all, as far as is known: before the first, and whenever there will be more.
   *
   * @param totalBytes - From the start, those included that are written already.
   */
  expect?(totalBytes: number): void;
  /** Takes the next bytes. @param bytes - They may be a view of memory that changes once the promise has settled. */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes what was written durable and visible. */
  close(): Promise<void>;
  /** Gives up: removes what was written. */
  abort(): Promise<void>;
}

/** What is opened anew for each writing verb, such as a file of a browser's store. */
export interface SinkOpener {
  /** A sink for one transfer. @throws {SourceError} It cannot be written to. */
  openSink(): Promise<ByteSink>;
}

/** What the writing verbs take: a path or file URL (in Node), a {@link ByteSink} or what opens one. */
export type Target = string | URL | ByteSink | SinkOpener;

/** How a path is created; Node has one way, browsers another. */
export type CreatePath = (path: string | URL) => Promise<ByteSink>;

/** How a file is removed, which may be gone already. */
export type RemovePath = (path: string | URL) => Promise<void>;

/** Opens any target for writing. @throws {InputError} It cannot be written to. */
export async function openSink(target: Target, createPath: CreatePath): Promise<ByteSink> {
  if ((typeof target === "string" || target instanceof URL) && !isAddress(target)) return createPath(target);
  if (typeof target === "object" && target !== null && "write" in target && typeof target.write === "function")
    return target;
  if (typeof target === "object" && target !== null && "openSink" in target && typeof target.openSink === "function")
    return target.openSink();
  throw new InputError({
    subject: "target",
    expected: "a path, file URL, ByteSink or file of a store",
    found: typeof target === "string" || target instanceof URL ? `the address ${target}` : describe(target),
    remedy: "Take the bytes from encodeModelRow, encodeTable or encodeSafetensors and send them yourself",
  });
}

function describe(target: unknown): string {
  return target === null ? "null" : ((target as object | undefined)?.constructor?.name ?? typeof target);
}

/** Bytes that may be made only when they are written. */
export interface Piece {
  readonly byteLength: number;
  readonly toBytes: () => Uint8Array;
  /** Takes the place of `toBytes` where the bytes have to be read first. */
  readonly load?: () => Promise<Uint8Array>;
}

/** Pieces below this size are copied together, so that ten thousand small arrays do not cost ten thousand writes. */
const smallBytes = 2 ** 16;
const bufferBytes = 2 ** 20;

/** Passes pieces on to a sink, small ones together. */
class PieceWriter {
  private readonly buffer = new Uint8Array(bufferBytes);
  private buffered = 0;

  constructor(private readonly sink: ByteSink) {}

  async write({ byteLength, toBytes, load }: Piece): Promise<void> {
    if (byteLength === 0) return;
    if (this.buffered + byteLength > bufferBytes || byteLength >= smallBytes) await this.flush();
    const bytes = load ? await load() : toBytes();
    if (byteLength >= smallBytes) return this.sink.write(bytes);
    this.buffer.set(bytes, this.buffered);
    this.buffered += byteLength;
  }

  async flush(): Promise<void> {
    const bytes = this.buffer.subarray(0, this.buffered);
    this.buffered = 0;
    if (bytes.length > 0) await this.sink.write(bytes);
  }
}

/** Writes groups of pieces to a sink and closes it; on any failure, or when the signal aborts, the sink is aborted instead. */
export async function writeAll(
  sink: ByteSink,
  groups: Iterable<readonly Piece[]> | AsyncIterable<readonly Piece[]>,
  { signal, onProgress }: ProgressOptions = {},
): Promise<void> {
  const writer = new PieceWriter(sink);
  try {
    let bytes = 0;
    for await (const pieces of groups) {
      const totalBytes = pieces.reduce((sum, { byteLength }) => sum + byteLength, bytes);
      sink.expect?.(totalBytes);
      for (const piece of pieces) {
        signal?.throwIfAborted();
        await writer.write(piece);
        bytes += piece.byteLength;
        onProgress?.({ bytes, totalBytes });
      }
      await writer.flush();
    }
    signal?.throwIfAborted();
    await sink.close();
  } catch (error) {
    await sink.abort().catch(() => {});
    throw error;
  }
}
