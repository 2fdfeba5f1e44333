/** The server behind `legolas-flux view`: what it answers, and to whom. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isOwnHost } from "../../src/cli/view/is-own-host.ts";
import { serveViewer, type ViewerServer } from "../../src/cli/view/serve-viewer.ts";
import { servedFiles } from "../../src/cli/view/served-files.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

const folder = temporaryFolder();
let server: ViewerServer;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A request as it is written: `fetch` would tidy paths up, and choose the Host itself. */
function ask(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
  const { port } = new URL(server.origin);
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      let body = "";
      response.setEncoding("latin1").on("data", (part: string) => {
        body += part;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    sent.on("error", reject).end();
  });
}

const at = (...parts: string[]): string => folder.at(...parts);

beforeEach(async () => {
  mkdirSync(at("runs", "inner.arrow"), { recursive: true });
  mkdirSync(at("runs-beside"));
  mkdirSync(at("page", "assets"), { recursive: true });
  writeFileSync(at("page", "index.html"), "the page");
  writeFileSync(at("page", "digits.html"), "the other page");
  writeFileSync(at("page", "demo.digits.model.arrow"), "0123456789");
  writeFileSync(at("page", "Notes 1.arrow"), "secret");
  writeFileSync(at("page", "assets", "index-a_1.js"), "script");
  writeFileSync(at("runs", "a.model.arrow"), "0123456789");
  writeFileSync(at("runs", "b%2f ü.safetensors"), "tensors");
  writeFileSync(at("runs", "notes.txt"), "private");
  writeFileSync(at("outside.arrow"), "secret");
  writeFileSync(at("runs-beside", "c.arrow"), "secret");
  symlinkSync(at("outside.arrow"), at("runs", "link.arrow"));
  symlinkSync(at("runs-beside", "c.arrow"), at("runs", "beside.arrow"));
  symlinkSync(at("runs", "a.model.arrow"), at("runs", "inside.arrow"));
  server = await serveViewer(await servedFiles(at("runs")), pathToFileURL(`${at("page")}/`));
});
afterEach(() => server.close());

describe("the viewer's server", () => {
  it("gives the page with a policy under which nothing but its own scripts runs", async () => {
    const { status, headers, body } = await ask("/?served");
    expect([status, body]).toEqual([200, "the page"]);
    expect(headers["content-security-policy"]).toMatch(
      /default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self';/,
    );
    expect(headers["content-security-policy"]).toMatch(/frame-ancestors 'none'/);
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
    });
    expect(headers).not.toHaveProperty("access-control-allow-origin");
    expect((await ask("/assets/index-a_1.js")).headers["content-type"]).toBe("text/javascript; charset=utf-8");
  });

  it.each([
    ["/", "index.html"],
    ["/digits.html", "digits.html"],
  ])("gives %s with the policy that it states itself, but for frames", async (path, name) => {
    const source = readFileSync(new URL(`../../viewer/${name}`, import.meta.url), "utf8");
    const [, stated] = /<meta http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(source) ?? [];
    const { headers } = await ask(path);
    expect(headers["content-security-policy"]).toBe(`${stated}; frame-ancestors 'none'`);
  });

  it("gives the page for drawing digits, and its model by range", async () => {
    const { status, headers, body } = await ask("/digits.html");
    expect([status, body, headers["content-type"]]).toEqual([200, "the other page", "text/html; charset=utf-8"]);
    expect(headers["content-security-policy"]).toMatch(/script-src 'self' 'wasm-unsafe-eval'/);
    const part = await ask("/demo.digits.model.arrow", { Range: "bytes=2-4" });
    expect([part.status, part.body, part.headers["content-range"]]).toEqual([206, "234", "bytes 2-4/10"]);
  });

  it("lists the files that it serves, and links only inside the folder", async () => {
    const { body } = await ask("/served.json");
    expect(JSON.parse(Buffer.from(body, "latin1").toString())).toEqual({
      kind: "folder",
      files: ["a.model.arrow", "b%2f ü.safetensors", "inside.arrow"],
    });
  });

  it("lists more files than a process may have open", () => {
    mkdirSync(at("many"));
    for (let i = 0; i < 600; i++) writeFileSync(at("many", `${i}.arrow`), "x");
    const module = new URL("../../src/cli/view/served-files.ts", import.meta.url);
    const script = `const { servedFiles } = await import(${JSON.stringify(module.href)});
      console.log((await (await servedFiles(${JSON.stringify(at("many"))})).list()).length);`;
    const run = 'ulimit -n 256 && exec "$0" --import tsx --input-type=module -e "$1"';
    expect(execFileSync("sh", ["-c", run, process.execPath, script], { encoding: "utf8" })).toBe("600\n");
  });

  it("gives files whole or by range", async () => {
    expect((await ask("/files/a.model.arrow")).body).toBe("0123456789");
    expect((await ask(`/files/${encodeURIComponent("b%2f ü.safetensors")}`)).body).toBe("tensors");
    const ranges = {
      "bytes=2-4": [206, "234"],
      "bytes=7-99": [206, "789"],
      "bytes=-3": [206, "789"],
      "bytes=4-": [206, "456789"],
      "bytes=10-12": [416, ""],
      "bytes=0-1,3-4": [200, "0123456789"],
      "lines=1-2": [200, "0123456789"],
    } as const;
    for (const [range, expected] of Object.entries(ranges)) {
      const { status, body } = await ask("/files/a.model.arrow", { Range: range });
      expect([status, body], range).toEqual(expected);
    }
    const { headers } = await ask("/files/a.model.arrow", { Range: "bytes=2-4" });
    expect(headers["content-range"]).toBe("bytes 2-4/10");
    const head = await ask("/files/a.model.arrow", {}, "HEAD");
    expect([head.status, head.body, head.headers["content-length"]]).toEqual([200, "", "10"]);
  });

  it.each(["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1.evil.example", "localhost"])(
    "refuses requests made to the host %j, whose name was made to point here",
    async (host) => {
      for (const path of ["/", "/served.json", "/files/a.model.arrow"]) {
        const { status, body } = await ask(path, { Host: host });
        expect(status).toBe(421);
        expect(body).not.toMatch(/0123|the page|a\.model/);
      }
    },
  );

  it("ends the connection where a file becomes shorter while it is sent", async () => {
    const size = 64_000_000;
    writeFileSync(at("runs", "long.arrow"), new Uint8Array(size));
    const { port } = new URL(server.origin);
    const received = await new Promise<number>((resolve, reject) => {
      let bytes = 0;
      request({ host: "127.0.0.1", port, path: "/files/long.arrow" }, (response) => {
        expect(response.headers["content-length"]).toBe(String(size));
        truncateSync(at("runs", "long.arrow"), 1000);
        response.on("data", (part: Buffer) => {
          bytes += part.length;
        });
        response.on("error", () => {}).on("close", () => resolve(bytes));
      })
        .on("error", reject)
        .end();
    });
    expect(received).toBeLessThan(size);
    expect((await ask("/files/a.model.arrow")).body).toBe("0123456789");
  });

  it.each([
    ["127.0.0.1", 80, true],
    ["localhost", 80, true],
    ["127.0.0.1:80", 80, true],
    ["127.0.0.1:8080", 80, false],
    ["127.0.0.1", 8080, false],
    ["localhost:443", 443, true],
    ["localhost", 443, false],
    ["user@localhost", 80, false],
    ["127.0.0.1.evil.example", 80, false],
    [undefined, 80, false],
    ["localhost", undefined, false],
  ])("takes the host %j on port %j for its own: %j", (host, port, expected) => {
    expect(isOwnHost(host, port)).toBe(expected);
  });

  it("answers under both names of this computer", async () => {
    const { port } = new URL(server.origin);
    expect((await ask("/", { Host: `localhost:${port}` })).status).toBe(200);
    expect((await ask("/", { Host: `127.0.0.1:${port}` })).status).toBe(200);
  });

  it.each([
    "/files/../outside.arrow",
    "/files/..%2foutside.arrow",
    "/files/%2e%2e/outside.arrow",
    "/files/..%5coutside.arrow",
    "/files/..",
    "/files//etc/passwd",
    "/files/%2fetc%2fpasswd.arrow",
    "/files/a.model.arrow%00.txt",
    "/files/notes.txt",
    "/files/inner.arrow",
    "/files/link.arrow",
    "/files/beside.arrow",
    "/files/",
    "/assets/../../outside.arrow",
    "/assets/..%2f..%2foutside.arrow",
    "/assets/index.html",
    "/index.html/..",
    "/digits.html/..",
    "/other.html",
    "/none.digits.model.arrow",
    "/Notes%201.arrow",
    "/..demo.digits.model.arrow",
    "/assets/demo.digits.model.arrow",
    "/../outside.arrow",
    "/..%2foutside.arrow",
    "//outside.arrow",
  ])("serves nothing at %s", async (path) => {
    const { status, body } = await ask(path);
    expect([status, body]).toEqual([404, "Not served here\n"]);
  });

  it("refuses paths that cannot be decoded, and methods that change things", async () => {
    expect((await ask("/files/%ff.arrow")).status).toBe(400);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      expect((await ask("/files/a.model.arrow", {}, method)).status).toBe(405);
    }
  });

  it("listens on 127.0.0.1 only", () => {
    expect(server.origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it("serves a single file that was named by a link, and nothing beside it", async () => {
    await server.close();
    server = await serveViewer(await servedFiles(at("runs", "link.arrow")), pathToFileURL(`${at("page")}/`));
    expect(JSON.parse((await ask("/served.json")).body)).toEqual({ kind: "file", files: ["link.arrow"] });
    expect((await ask("/files/link.arrow")).body).toBe("secret");
    expect((await ask("/files/outside.arrow")).status).toBe(404);
    expect((await ask("/files/a.model.arrow")).status).toBe(404);
  });

  it("says what is wrong where there is nothing to serve, or the port is taken", async () => {
    await expect(servedFiles(at("nothing"))).rejects.toThrow(/nothing.*ENOENT/s);
    const { port } = new URL(server.origin);
    await expect(serveViewer(null, pathToFileURL(`${at("page")}/`), Number(port))).rejects.toThrow(/EADDRINUSE/);
  });
});
