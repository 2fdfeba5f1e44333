import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A server on 127.0.0.1 for one file, whose answers can be bent. */
export interface RangeServer {
  readonly address: string;
  /** The Range headers of the requests so far; null where one had none. */
  readonly ranges: (string | null)[];
  /** Bytes of bodies sent. */
  sent: number;
  content: Uint8Array;
  etag: string | null;
  close(): Promise<void>;
}

export interface ServerHabits {
  /** Answers every request with the whole file. */
  readonly ignoresRanges?: boolean;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends each ranged body after so many bytes less than asked for. */
  readonly shortBy?: number;
}

export async function serve(content: Uint8Array, habits: ServerHabits = {}): Promise<RangeServer> {
  const state = { content, etag: '"1"' as string | null, ranges: [] as (string | null)[], sent: 0 };
  const part = (range: string | null, response: ServerResponse): Uint8Array | null => {
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? [];
    const size = state.content.length;
    if (from === undefined || habits.ignoresRanges) return null;
    if (Number(from) >= size) {
      response.writeHead(416, { "Content-Range": `bytes */${size}` });
      return new Uint8Array(0);
    }
    const end = Math.min(Number(to), size - 1);
    response.writeHead(206, { "Content-Range": `bytes ${from}-${end}/${size}` });
    return state.content.subarray(Number(from), end + 1 - (habits.shortBy ?? 0));
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const range = request.headers.range ?? null;
    state.ranges.push(range);
    if (state.etag) response.setHeader("ETag", state.etag);
    for (const [name, value] of Object.entries(habits.headers ?? {})) response.setHeader(name, value);
    const ranged = part(range, response);
    if (ranged === null) response.writeHead(habits.status ?? 200);
    const body = ranged ?? state.content;
    state.sent += body.length;
    response.end(body);
  };
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.model.arrow`;
  return Object.assign(state, {
    address,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        // Browsers keep connections open for minutes.
        server.closeAllConnections();
      }),
  });
}
