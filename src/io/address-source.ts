/**
 * Reading parts of what stands at an http(s) address.
 *
 * Idea: one ranged request shows what the server can do. Where it gives ranges, small reads are served from blocks that are fetched once; what
 * stands at the address must stay the same from request to request. Where it does not, everything is fetched at once.
 * Source: RFC 9110, sections 14 (range requests) and 8.8 (validators).
 */
import { SourceError } from "../errors.ts";
import type { ByteSource } from "./byte-source.ts";
import { concatBytes } from "./concat-bytes.ts";
import { readThroughBlocks } from "./read-blocks.ts";
import type { ByteRange } from "./read-plan.ts";
import { countReads } from "./report-reads.ts";
import type { ProgressOptions } from "./transfer-options.ts";

/** Small reads fetch the whole block they fall in. */
const blockBytes = 65_536;

const corsRemedy =
  "Check the address and, in a browser, that the server allows other origins (CORS: Access-Control-Allow-Origin)";

/** What is fetched in one or several requests. */
interface Download {
  readonly address: string;
  readonly signal: AbortSignal | undefined;
  /** Told of bytes as they arrive. */
  readonly count: ((bytes: number) => void) | null;
}

/** Opens an address. @throws {SourceError} It cannot be reached, or the server answers with an error. */
export async function openAddress(address: string, { signal, onProgress }: ProgressOptions = {}): Promise<ByteSource> {
  const first = await request({ address, signal }, { position: 0, length: blockBytes });
  const size = rangedSize(first);
  if (size === null) return wholeSource({ address, signal }, first, onProgress);
  const validator = validatorOf(first);
  const download = { address, signal, count: onProgress ? countReads(size, onProgress) : null };
  const head = await bodyOf(first, download);
  const read = readThroughBlocks(size, blockBytes, (range) => fetchRange(download, range, validator), head);
  return { location: address, size, readAt: async (position, length) => read(position, length) };
}

async function request({ address, signal }: Omit<Download, "count">, range: ByteRange | null): Promise<Response> {
  // A browser's cache joins parts of what was there before with parts of what is there now, under the ETag of the first.
  const ranged: RequestInit = range
    ? { headers: { Range: `bytes=${range.position}-${range.position + range.length - 1}` }, cache: "no-store" }
    : {};
  const response = await fetch(address, { ...ranged, ...(signal && { signal }) }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw new SourceError(address, "fetching", cause, corsRemedy);
  });
  const { ok, status, statusText } = response;
  const isEmpty = status === 416 && range?.position === 0;
  if (ok || isEmpty) return response;
  await response.body?.cancel();
  const cause = new Error(`the server answered ${status} ${statusText}`.trim());
  throw new SourceError(address, "fetching", cause, status < 500 ? "Check the address" : "Try again later");
}

async function bodyOf(response: Response, { address, signal, count }: Download): Promise<Uint8Array> {
  const fail = (cause: unknown): never => {
    signal?.throwIfAborted();
    throw new SourceError(address, "fetching", cause, "The connection broke off: try again");
  };
  if (!count || !response.body) return new Uint8Array(await response.arrayBuffer().catch(fail));
  const reader = response.body.getReader();
  const parts: Uint8Array[] = [];
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(fail);
      if (done) return concatBytes(parts);
      parts.push(value);
      count(value.length);
    }
  } finally {
    // Ends the transfer where it is not at its end.
    await reader.cancel().catch(() => {});
  }
}

/** The size of what stands at the address if the answer is a readable part of it, else null. */
function rangedSize({ status, headers }: Response): number | null {
  // A part of a compressed body cannot be read by itself.
  if (status !== 206 || headers.get("Content-Encoding")) return null;
  const [, size] = /^bytes 0-\d+\/(\d+)$/.exec(headers.get("Content-Range") ?? "") ?? [];
  return size === undefined ? null : Number(size);
}

/** Changes when what stands at the address does; without a readable ETag, the time of change must do. */
function validatorOf({ headers }: Response): string {
  return headers.get("ETag") ?? `${headers.get("Last-Modified")}`;
}

async function wholeSource(
  download: Omit<Download, "count">,
  first: Response,
  onProgress: ProgressOptions["onProgress"],
): Promise<ByteSource> {
  const isWhole = first.status === 200 || first.status === 416;
  if (!isWhole) await first.body?.cancel();
  const whole = isWhole ? first : await request(download, null);
  const count = onProgress ? countReads(lengthOf(whole), onProgress) : null;
  const bytes = first.status === 416 ? new Uint8Array(0) : await bodyOf(whole, { ...download, count });
  return {
    location: download.address,
    size: bytes.length,
    readAt: async (position, length) => bytes.subarray(position, position + length),
  };
}

/** How many bytes a body has, or null where the server does not say: of a compressed body it gives the compressed length. */
function lengthOf({ headers }: Response): number | null {
  const length = headers.get("Content-Length");
  return length === null || headers.get("Content-Encoding") ? null : Number(length);
}

async function fetchRange(download: Download, range: ByteRange, validator: string): Promise<Uint8Array> {
  const { address } = download;
  const response = await request(download, range);
  if (validatorOf(response) !== validator || response.status !== 206) {
    await response.body?.cancel();
    const cause = new Error("what stands at the address was replaced while it was read");
    throw new SourceError(address, "reading", cause, "Open it again");
  }
  const bytes = await bodyOf(response, download);
  if (bytes.length === range.length) return bytes;
  const found = new Error(`the server sent ${bytes.length} bytes where ${range.length} were asked for`);
  throw new SourceError(address, "reading", found, "Try again");
}
