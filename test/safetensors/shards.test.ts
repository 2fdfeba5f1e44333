/** Models in several files. */
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { FormatError, SourceError } from "legolas-flux";
import { fromSafetensors, openSafetensors, toSafetensors } from "legolas-flux/safetensors";
import { describe, expect, it } from "vitest";
import { safetensorsBytes } from "../helpers/safetensors-bytes.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

const folder = temporaryFolder();
const indexName = "model.safetensors.index.json";

/** A file of bytes tensors, each of the numbers given. */
function shard(tensors: Readonly<Record<string, readonly number[]>>, metadata?: object): Uint8Array {
  const header: Record<string, unknown> = metadata ? { __metadata__: metadata } : {};
  let end = 0;
  for (const [name, values] of Object.entries(tensors)) {
    header[name] = { dtype: "U8", shape: [values.length], data_offsets: [end, end + values.length] };
    end += values.length;
  }
  return safetensorsBytes({ header, data: Uint8Array.from(Object.values(tensors).flat()) });
}

const files = {
  "one.safetensors": shard({ a: [1, 2], b: [3] }, { format: "pt" }),
  "two.safetensors": shard({ c: [4, 5, 6] }, { format: "pt", epoch: "3" }),
};
const weightMap = { b: "one.safetensors", c: "two.safetensors", a: "one.safetensors" };

function write(index: string | object, shards: Readonly<Record<string, Uint8Array>> = files): string {
  for (const [name, bytes] of Object.entries(shards)) writeFileSync(folder.at(name), bytes);
  const path = folder.at(indexName);
  writeFileSync(path, typeof index === "string" ? index : JSON.stringify(index));
  return path;
}

describe("an index", () => {
  it("gives one model in its own order, with the metadata of all shards", async () => {
    const { weights, metadata } = await fromSafetensors(write({ metadata: { total_size: 6 }, weight_map: weightMap }));
    expect(weights.names).toEqual(["b", "c", "a"]);
    expect(weights.arrays.map(({ vec }) => [...vec])).toEqual([[3], [4, 5, 6], [1, 2]]);
    expect(weights.layout).toBe("torch");
    expect({ ...metadata }).toEqual({ format: "pt", epoch: "3" });
  });

  it("opens all shards, and reads arrays of any", async () => {
    const { weights, close } = await openSafetensors(write({ weight_map: weightMap }));
    expect([...(await weights.read(1)).vec]).toEqual([4, 5, 6]);
    const into = new Uint8Array(2);
    await weights.read(2, into);
    expect([...into]).toEqual([1, 2]);
    const offsets = weights.list().map(({ byteOffset }) => byteOffset ?? 0);
    expect(offsets[1]).toBeGreaterThan(files["one.safetensors"].length);
    await close();
    await expect(weights.read(0)).rejects.toThrow(SourceError);
  });

  it("becomes one file", async () => {
    const { weights, metadata, close } = await openSafetensors(write({ weight_map: weightMap }));
    await toSafetensors(weights, folder.at("whole.safetensors"), { metadata });
    await close();
    const whole = await fromSafetensors(folder.at("whole.safetensors"));
    expect(whole.weights.names).toEqual(["b", "c", "a"]);
    expect({ ...whole.metadata }).toEqual({ format: "pt", epoch: "3" });
  });

  it("may say more than it must, also of other kinds", async () => {
    const more = {
      metadata: { total_size: 6.0, note: [{ a: null }, true, -1.5e3] },
      weight_map: weightMap,
      version: [1, {}],
    };
    expect((await fromSafetensors(write(JSON.stringify(more, null, 2)))).weights.length).toBe(3);
    expect((await fromSafetensors(write({ metadata: {}, weight_map: {} }))).weights.length).toBe(0);
  });

  it("is found beside its address, and its shards beside it", async () => {
    const requests: string[] = [];
    const served: Readonly<Record<string, Uint8Array | undefined>> = {
      "/org/repo/model.safetensors.index.json": Buffer.from(
        JSON.stringify({ weight_map: { a: "one.safetensors", b: "one.safetensors", c: "t%2fo #1.safetensors" } }),
      ),
      "/org/repo/one.safetensors": files["one.safetensors"],
      "/org/repo/t%252fo%20%231.safetensors": files["two.safetensors"],
    };
    const server = createServer(({ url = "" }, response) => {
      requests.push(url);
      const body = served[url.split("?")[0] ?? ""];
      response.writeHead(body ? 200 : 404).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const address = `${root}/org/repo/${indexName}?download=true`;
      for (const source of [address, new URL(address)]) {
        expect((await fromSafetensors(source)).weights.arrays.map(({ vec }) => [...vec])).toEqual([
          [1, 2],
          [3],
          [4, 5, 6],
        ]);
      }
      await expect(fromSafetensors(`${root}/other/${indexName}`)).rejects.toThrow(SourceError);
      expect(requests.filter((url) => url.includes("%252fo"))).toHaveLength(2);
    } finally {
      server.close();
    }
  });
});

describe("an index is refused", () => {
  const of = (map: object): object => ({ weight_map: map });

  it.each<[string, string | object, RegExp]>([
    ["that is not JSON", "weights", /index of shards \(at byte 0\): expected an object, found weights/],
    ["that is empty", "", /expected an object, found the end/],
    ["that is cut off", '{"weight_map":{"a":"one.safetensors"', /expected "," or "}", found the end/],
    ["without a map", { metadata: {} }, /expected "weight_map", found none/],
    ["whose map is a list", of(["a"]), /weight_map .*an object, found \[/],
    ["that maps to a number", of({ a: 1 }), /weight_map: "a" .*text in quotes, found 1/],
    [
      "that names a tensor twice",
      '{"weight_map":{"a":"one.safetensors","a":"two.safetensors"}}',
      /each name once, found "a" again/,
    ],
    ["with two maps", '{"weight_map":{},"weight_map":{}}', /each name once/],
    [
      "whose size is text",
      { metadata: { total_size: "6" }, weight_map: weightMap },
      /total_size .*a number, found "6"/,
    ],
    [
      "whose size is another",
      { metadata: { total_size: 7 }, weight_map: weightMap },
      /total_size: expected 6 bytes.*found 7.*fetch all of them again/,
    ],
    [
      "that lists a tensor that is nowhere",
      of({ ...weightMap, d: "two.safetensors" }),
      /tensor "d": expected it in "two.safetensors", as the index has it, found no such tensor/,
    ],
    [
      "that lists a tensor in the wrong shard",
      of({ ...weightMap, a: "two.safetensors" }),
      /tensor "a" in "one.safetensors": expected it in "two.safetensors"/,
    ],
    [
      "that leaves out a tensor of a shard",
      of({ b: "one.safetensors", c: "two.safetensors" }),
      /tensor "a" in "one.safetensors": expected only tensors that the index lists/,
    ],
    ["nested too deep", `{"more":${"[".repeat(100_000)}`, /nested at most 64 deep/],
    ["with something behind it", '{"weight_map":{}} {}', /nothing after the object/],
  ])("%s", async (_, index, message) => {
    const reading = fromSafetensors(write(index));
    await expect(reading).rejects.toThrow(FormatError);
    await expect(reading).rejects.toThrow(message);
  });

  it.each([
    "../one.safetensors",
    "/etc/one.safetensors",
    "sub/one.safetensors",
    "..\\one.safetensors",
    "C:one.safetensors",
    "https://example.org/one.safetensors",
    "file:///etc/one.safetensors",
    "one.safetensors\u0000.txt",
    "\u0000.safetensors",
    ".safetensors/..",
    "..",
    "",
    "passwd",
    indexName,
  ])("that leads elsewhere: %j", async (name) => {
    const reading = fromSafetensors(write(of({ a: name })));
    await expect(reading).rejects.toThrow(FormatError);
    await expect(reading).rejects.toThrow(/weight_map: "a" .*the name of a file beside the index/);
  });

  it("with a tensor in two shards", async () => {
    const twice = { ...files, "two.safetensors": shard({ c: [4, 5, 6], a: [7] }) };
    await expect(fromSafetensors(write(of(weightMap), twice))).rejects.toThrow(
      /tensor "a" in "two.safetensors": expected it in "one.safetensors"/,
    );
  });

  it("whose shards say different things", async () => {
    const other = { ...files, "two.safetensors": shard({ c: [4, 5, 6] }, { format: "tf" }) };
    await expect(fromSafetensors(write(of(weightMap), other))).rejects.toThrow(
      /__metadata__: "format" in "two.safetensors": expected "pt", as in the shards before, found "tf"/,
    );
  });

  it("whose shards are missing or damaged, with the shard's own error", async () => {
    const index = write(of({ ...weightMap, d: "three.safetensors" }));
    await expect(fromSafetensors(index)).rejects.toThrow(/three\.safetensors" failed: ENOENT/);
    writeFileSync(folder.at("three.safetensors"), files["one.safetensors"].subarray(0, 50));
    await expect(fromSafetensors(index)).rejects.toThrow(FormatError);
  });

  it("at an address that is none", async () => {
    for (const address of ["https://", "https://[/model.json"]) {
      await expect(fromSafetensors(address)).rejects.toThrow(SourceError);
    }
  });

  it("that is given as bytes, which have no neighbours", async () => {
    const bytes = Buffer.from(JSON.stringify(of(weightMap)));
    await expect(fromSafetensors(new Uint8Array(bytes))).rejects.toThrow(
      /an index of shards is read by its path or address/,
    );
  });
});
