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

/** Writes pieces to a sink and closes it; on any failure, or when the signal aborts, the sink is aborted instead. */
export async function writeAll(
  sink: ByteSink,
  pieces: Iterable<{ readonly byteLength: number; toBytes(): Uint8Array }>,
  signal?: AbortSignal,
  onBytes?: (bytes: number) => void,
): Promise<void> {
  try {
    let written = 0;
    for (const piece of pieces) {
      signal?.throwIfAborted();
      if (piece.byteLength > 0) await sink.write(piece.toBytes());
      written += piece.byteLength;
      onBytes?.(written);
    }
    signal?.throwIfAborted();
    await sink.close();
  } catch (error) {
    await sink.abort().catch(() => {});
    throw error;
  }
}
