import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, extname, join } from "node:path";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};
const page =
  "<!DOCTYPE html><meta charset=utf-8><link rel=icon href=data:,><title>legolas-flux</title><input type=file>";

export interface StaticServer {
  /** Such as `http://127.0.0.1:1234`. */
  readonly origin: string;
  close(): Promise<void>;
}

/**
 * Serves the files of a folder, and an empty page for `/`.
 *
 * @param policy - The Content-Security-Policy of the page at `/strict`.
 */
export async function serveFolder(folder: string, policy: string): Promise<StaticServer> {
  const server = createServer(async ({ url = "/" }, response) => {
    if (url === "/" || url === "/strict") {
      const headers = { "Content-Type": "text/html", ...(url === "/strict" && { "Content-Security-Policy": policy }) };
      response.writeHead(200, headers).end(page);
      return;
    }
    const name = basename(new URL(url, "http://localhost").pathname);
    const content = await readFile(join(folder, name)).catch(() => null);
    response.writeHead(content ? 200 : 404, { "Content-Type": types[extname(name)] ?? "application/octet-stream" });
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
