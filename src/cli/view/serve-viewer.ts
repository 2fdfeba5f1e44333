/**
 * The server behind `legolas-flux view`.
 *
 * Idea: it answers this computer only (127.0.0.1), only under its own name, so that no page of the web that makes its name point here is
 * answered, and only with the viewer and the files that it was started for.
 */
import { type FileHandle, open, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import { SourceError } from "../../index.ts";
import { contentPolicy, digitsPolicy } from "./content-policy.ts";
import { isOwnHost } from "./is-own-host.ts";
import { sendFile } from "./send-file.ts";
import type { ServedFiles } from "./served-files.ts";

export interface ViewerServer {
  /** Such as `http://127.0.0.1:1234`. */
  readonly origin: string;
  close(): Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
};

const headers = {
  "Content-Security-Policy": contentPolicy,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cache-Control": "no-store",
} as const;

/**
 * Serves the viewer on 127.0.0.1.
 *
 * @param files - What it shows; null where the page is to open an address.
 * @param page - The folder of the built viewer.
 * @param port - 0 takes any that is free.
 * @throws {SourceError} The port is taken.
 */
export async function serveViewer(files: ServedFiles | null, page: URL, port = 0): Promise<ViewerServer> {
  const server = createServer((request, response) => {
    void answer(request, response, files, page).catch(() => {
      if (!response.headersSent) refuse(response, 500, "The file could not be read");
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(new SourceError(`127.0.0.1:${port}`, "serving on", cause)));
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  files: ServedFiles | null,
  page: URL,
): Promise<void> {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  // Other names may have been made to point here.
  if (!isOwnHost(request.headers.host, request.socket.localPort)) {
    return refuse(response, 421, "This server answers at 127.0.0.1 and localhost only");
  }
  if (request.method !== "GET" && request.method !== "HEAD") return refuse(response, 405, "Only GET and HEAD");
  const path = pathOf(request);
  if (path === null) return refuse(response, 400, "Not a path");
  const part = partOfPage(path);
  if (part === "digits.html") response.setHeader("Content-Security-Policy", digitsPolicy);
  if (part) return sendPage(response, new URL(part, page));
  if (path === "/served.json" && files) {
    const body = JSON.stringify({ kind: files.kind, files: await files.list() });
    response.setHeader("Content-Type", "application/json").end(body);
    return;
  }
  const file = await openFile(path, files, page);
  if (!file) return refuse(response, 404, "Not served here");
  await sendFile(file, request, response);
}

/** Decoded; null where it cannot be. Nothing in it is taken for `..`: names with separators are refused later on. */
function pathOf({ url = "" }: IncomingMessage): string | null {
  try {
    return decodeURIComponent(url.replace(/[?#].*$/s, ""));
  } catch {
    return null;
  }
}

/** The file of the viewer that a path stands for; null where it is none. */
function partOfPage(path: string): string | null {
  if (path === "/") return "index.html";
  return /^\/(digits\.html|assets\/[\w-]+\.(?:js|css))$/.exec(path)?.[1] ?? null;
}

/** Opens one of the files that are shown, or of the viewer's own models; null where there is none. */
async function openFile(path: string, files: ServedFiles | null, page: URL): Promise<FileHandle | null> {
  const [, own] = /^\/([a-z]+(?:\.[a-z]+)+\.arrow)$/.exec(path) ?? [];
  if (own) return open(new URL(own, page)).catch(() => null);
  const [, name] = /^\/files\/(.+)$/s.exec(path) ?? [];
  return name && files ? files.open(name) : null;
}

async function sendPage(response: ServerResponse, file: URL): Promise<void> {
  const content = await readFile(file).catch(() => null);
  if (!content) return refuse(response, 404, "Not served here");
  response.setHeader("Content-Type", types[extname(file.pathname)] ?? "application/octet-stream").end(content);
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" }).end(`${reason}\n`);
}
