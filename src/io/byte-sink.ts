/**
 * Where bytes are written to.
 */
import { InputError } from "../errors.ts";
import { isAddress } from "./byte-source.ts";

/** Takes bytes in order. Nothing counts as written before `close`; after `abort` nothing may remain. */
export interface ByteSink {
  /** Path or another name for messages. */
  readonly location: string;
  /** Takes the next bytes; they may be a view of memory that changes once the promise has settled. */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes what was written durable and visible. */
  close(): Promise<void>;
  /** Gives up: removes what was written. */
  abort(): Promise<void>;
}

/** What the writing verbs take: a path or file URL (in Node), or a {@link ByteSink}. */
export type Target = string | URL | ByteSink;

/** How a path is created; Node has one way, browsers another. */
export type CreatePath = (path: string | URL) => Promise<ByteSink>;

/** Opens any target for writing. @throws {InputError} It cannot be written to. */
export async function openSink(target: Target, createPath: CreatePath): Promise<ByteSink> {
  if ((typeof target === "string" || target instanceof URL) && !isAddress(target)) return createPath(target);
  if (typeof target === "object" && target !== null && "write" in target && typeof target.write === "function")
    return target;
  throw new InputError({
    subject: "target",
    expected: "a path, file URL or ByteSink",
    found: typeof target === "string" || target instanceof URL ? `the address ${target}` : describe(target),
    remedy: "Take the bytes from encodeModelRow or encodeTable and send them yourself",
  });
}

function describe(target: unknown): string {
  return target === null ? "null" : ((target as object | undefined)?.constructor?.name ?? typeof target);
}

/** Bytes that may be made only when they are written. */
export interface Piece {
  readonly byteLength: number;
  toBytes(): Uint8Array;
}

/** How far a transfer is. */
export interface Progress {
  /** Written so far. */
  readonly bytes: number;
  /** To be written in all, as far as is known: where rows are made one by one, up to the end of the present one. */
  readonly totalBytes: number;
}

/** What reading and writing verbs take beside what is read or written. */
export interface TransferOptions {
  /** Stops the transfer; its reason is thrown, and a target stays as it was. */
  readonly signal?: AbortSignal;
}

export interface ProgressOptions extends TransferOptions {
  /** Called after each piece that was written. */
  readonly onProgress?: (progress: Progress) => void;
}

/** Writes groups of pieces to a sink and closes it; on any failure, or when the signal aborts, the sink is aborted instead. */
export async function writeAll(
  sink: ByteSink,
  groups: Iterable<readonly Piece[]> | AsyncIterable<readonly Piece[]>,
  { signal, onProgress }: ProgressOptions = {},
): Promise<void> {
  try {
    let bytes = 0;
    for await (const pieces of groups) {
      const totalBytes = pieces.reduce((sum, { byteLength }) => sum + byteLength, bytes);
      for (const piece of pieces) {
        signal?.throwIfAborted();
        if (piece.byteLength > 0) await sink.write(piece.toBytes());
        bytes += piece.byteLength;
        onProgress?.({ bytes, totalBytes });
      }
    }
    signal?.throwIfAborted();
    await sink.close();
  } catch (error) {
    await sink.abort().catch(() => {});
    throw error;
  }
}
