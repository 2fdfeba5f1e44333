/** Keeping a file where the browser does not let it be kept: what is told, and what is let go. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ByteSink } from "legolas-flux";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { keepFile } from "../../viewer/src/worker/kept-files.ts";

const calls: string[] = [];
/** The call that fails, besides those to abort. */
let failing: "write" | "close" | null = null;

const sink: ByteSink = {
  location: "viewer/a.arrow",
  write: () => take("write"),
  close: () => take("close"),
  abort: async () => {
    calls.push("abort");
    throw new Error("abort failed");
  },
};

async function take(call: "write" | "close"): Promise<void> {
  calls.push(call);
  if (failing === call) throw new Error(`${call} failed`);
}

vi.mock("legolas-flux/browser", () => ({
  openModelStore: async () => ({ file: () => ({ openSink: async () => sink }) }),
}));

beforeEach(() => {
  calls.length = 0;
  failing = null;
});

const file = (): File => new File([new Uint8Array(100)], "a.arrow");

describe("keeping a file", () => {
  it("writes and closes, and aborts nothing", async () => {
    await keepFile(file(), () => {});
    expect(calls).toEqual(["write", "close"]);
  });

  it.each(["write", "close"] as const)("gives up where %s fails, and tells that failure", async (call) => {
    failing = call;
    await expect(keepFile(file(), () => {})).rejects.toThrow(`${call} failed`);
    expect(calls.slice(-2)).toEqual([call, "abort"]);
  });

  it("fetches no more of an address once writing has failed", async () => {
    failing = "write";
    let isOver = (): void => {};
    const over = new Promise<void>((resolve) => {
      isOver = resolve;
    });
    const server = createServer((_, response) => {
      const sending = setInterval(() => response.write(new Uint8Array(65_536)), 5);
      response.on("close", () => {
        clearInterval(sending);
        isOver();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.arrow`;
      await expect(keepFile(address, () => {})).rejects.toThrow("write failed");
      await over;
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
