/** Files in answers, whole or by range. Source: RFC 9110, section 14. */
import type { FileHandle } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";

/** Sends an open file and closes it. */
export async function sendFile(file: FileHandle, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const { size, mtimeMs } = await file.stat();
    response.setHeader("Content-Type", "application/octet-stream");
    response.setHeader("Accept-Ranges", "bytes");
    response.setHeader("ETag", `"${size.toString(36)}-${Math.round(mtimeMs * 1000).toString(36)}"`);
    const range = rangeIn(request.headers.range, size);
    if (range === "beyond") {
      response.writeHead(416, { "Content-Range": `bytes */${size}` }).end();
      return;
    }
    const { from, to } = range ?? { from: 0, to: size };
    const status = range ? 206 : 200;
    response.writeHead(status, {
      "Content-Length": to - from,
      ...(range && { "Content-Range": `bytes ${from}-${to - 1}/${size}` }),
    });
    if (request.method === "HEAD" || to === from) response.end();
    else await sendPart(file, { from, to }, response);
  } catch (error) {
    // Whoever asked may have gone.
    if ((error as NodeJS.ErrnoException).code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  } finally {
    await file.close();
  }
}

async function sendPart(file: FileHandle, { from, to }: Range, response: ServerResponse): Promise<void> {
  const part = file.createReadStream({ start: from, end: to - 1, autoClose: false });
  await pipeline(part, response, { end: false });
  // Of a file that became shorter meanwhile, whoever asked would wait for the rest.
  if (part.bytesRead < to - from) response.destroy();
  else response.end();
}

interface Range {
  readonly from: number;
  /** Not included. */
  readonly to: number;
}

/** The one range of a header; null where it asks for all, for several, or for something else, which may be answered with all. */
function rangeIn(header: string | undefined, size: number): Range | "beyond" | null {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return null;
  if (first === "") return Number(last) === 0 ? "beyond" : { from: Math.max(0, size - Number(last)), to: size };
  const [from, to] = [Number(first), last === "" ? size : Math.min(size, Number(last) + 1)];
  if (from >= size) return "beyond";
  return to > from ? { from, to } : null;
}
