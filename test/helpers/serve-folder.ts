/** A server on 127.0.0.1 for the files of a folder, by range. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

export async function serveFolder(folder: string): Promise<{ readonly address: string; close(): Promise<void> }> {
  const server = createServer(({ url = "/", headers }, response) => {
    try {
      const bytes = readFileSync(join(folder, decodeURIComponent(new URL(url, "http://localhost").pathname)));
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
      if (from === undefined) return response.end(bytes);
      const end = Math.min(Number(to), bytes.length - 1);
      response.writeHead(206, { "Content-Range": `bytes ${from}-${end}/${bytes.length}` });
      return response.end(bytes.subarray(Number(from), end + 1));
    } catch {
      return response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  return { address: `http://127.0.0.1:${port}`, close };
}
