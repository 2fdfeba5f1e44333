/** Archives that lie, are cut off or damaged: typed errors, bounded work, and never wrong values. */
import { readFileSync } from "node:fs";
import { crc32, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { FormatError, isLegolasError, UnsupportedTypeError, type Weights } from "legolas-flux";
import { describe, expect, it } from "vitest";
import { fromNpz } from "../../src/formats/npz/from-npz.ts";
import { expectSameWeights } from "../helpers/expect-same-weights.ts";

interface Member {
  readonly name: string;
  readonly data: Uint8Array;
  readonly deflate?: boolean;
  /** What the headers say, where it is not the truth. */
  readonly size?: number;
  readonly crc?: number;
  readonly offset?: number;
  readonly compressed?: number;
}

/** An archive made by hand, so that it can be wrong. */
function archive(members: readonly Member[], comment = ""): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let position = 0;
  for (const { name, data, deflate = false, size = data.length, crc = crc32(data), offset, compressed } of members) {
    const stored = deflate ? deflateRawSync(data) : Buffer.from(data);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x0800, 2);
    common.writeUInt16LE(deflate ? 8 : 0, 4);
    common.writeUInt32LE(crc, 10);
    common.writeUInt32LE(compressed ?? stored.length, 14);
    common.writeUInt32LE(size, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, Buffer.from(name), stored]);
    const central = Buffer.alloc(14);
    central.writeUInt32LE(offset ?? position, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\0"), common, central, Buffer.from(name)]));
    parts.push(local);
    position += local.length;
  }
  const end = Buffer.alloc(18);
  const entries = Buffer.concat(directory);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(entries.length, 8);
  end.writeUInt32LE(position, 12);
  end.writeUInt16LE(comment.length, 16);
  return new Uint8Array(Buffer.concat([...parts, entries, Buffer.from("PK\x05\x06"), end, Buffer.from(comment)]));
}

function npy(
  dict: string,
  elements: Uint8Array,
  version: readonly number[] = [1, 0],
  length = dict.length,
): Uint8Array {
  const prefix = Buffer.alloc(version[0] === 1 ? 10 : 12);
  prefix.write("\x93NUMPY", "latin1");
  prefix.set(version, 6);
  if (version[0] === 1) prefix.writeUInt16LE(length, 8);
  else prefix.writeUInt32LE(length, 8);
  return Buffer.concat([prefix, Buffer.from(dict), elements]);
}

const dictOf = (shape: string, descr = "'<f4'", order = "False"): string =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
const good = npy(dictOf("(2,)"), new Uint8Array(8));

async function refusal(bytes: Uint8Array): Promise<Error> {
  const error: unknown = await fromNpz(bytes).catch((reason: unknown) => reason);
  expect(isLegolasError(error), String(error)).toBe(true);
  return error as Error;
}

it("archives made by hand are read", async () => {
  const { weights } = await fromNpz(
    archive([
      { name: "a.npy", data: good },
      { name: "b.npy", data: good, deflate: true },
    ]),
  );
  expect(weights.names).toEqual(["a", "b"]);
});

describe("headers of arrays", () => {
  const accepted = [
    "{'descr':'<f4','fortran_order':False,'shape':(2,)}",
    '{"shape": (2L,), "fortran_order": False, "descr": "<f4"}   \n',
    "{ 'fortran_order' : True , 'shape' : ( 1 , 2 ) , 'descr' : '<f4' , }\n",
  ];
  it.each(accepted)("accepts %j", async (dict) => {
    const { weights } = await fromNpz(archive([{ name: "a.npy", data: npy(dict, new Uint8Array(8)) }]));
    expect(weights.arrays[0]?.length).toBe(2);
  });

  const refused: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ["nothing", new Uint8Array(0), /expected 8 more bytes, found the end/],
    ["another file", Buffer.from("hello, numpy people"), /the bytes that begin a .npy array/],
    ["version 4", npy(dictOf("(2,)"), new Uint8Array(8), [4, 0]), /found 4\.0/],
    ["version 1.1", npy(dictOf("(2,)"), new Uint8Array(8), [1, 1]), /found 1\.1/],
    [
      "a header of 4 GB",
      npy(dictOf("(2,)"), new Uint8Array(8), [2, 0], 2 ** 32 - 1),
      /at most 65536 bytes, found 4294967295/,
    ],
    ["a header beyond the array", npy(dictOf("(2,)"), new Uint8Array(0), [2, 0], 60_000), /more bytes, found the end/],
    ["fewer elements", npy(dictOf("(3,)"), new Uint8Array(8)), /expected 12 bytes for float32 of shape \(3\), found 8/],
    ["more elements", npy(dictOf("(1,)"), new Uint8Array(8)), /expected 4 bytes for float32 of shape \(1\), found 8/],
    ["petabytes", npy(dictOf("(1000000000000000,)"), new Uint8Array(8)), /expected 4000000000000000 bytes/],
    ["a shape that overflows", npy(dictOf(`(${"9999999, ".repeat(20)})`), new Uint8Array(8)), /less than 2\^53 bytes/],
    ["a number for a shape", npy(dictOf("(2)"), new Uint8Array(8)), /expected a tuple, found \(2\)/],
    ["a length below zero", npy(dictOf("(-2,)"), new Uint8Array(8)), /expected a length/],
    ["a call", npy(dictOf("__import__('os')"), new Uint8Array(8)), /expected a tuple/],
    ["no shape", npy("{'descr': '<f4', 'fortran_order': False}", new Uint8Array(8)), /found descr, fortran_order/],
    ["another key", npy("{'descr': '<f4', 'x': 1}", new Uint8Array(8)), /found "x"/],
    ["a key twice", npy("{'descr': '<f4', 'descr': '<f4'}", new Uint8Array(8)), /each key once/],
    ["a prototype", npy("{'__proto__': '<f4'}", new Uint8Array(8)), /found "__proto__"/],
    ["more behind", npy(`${dictOf("(2,)")}; x`, new Uint8Array(8)), /nothing after the dict/],
    ["no order of bytes", npy(dictOf("(2,)", "'|f4'"), new Uint8Array(8)), /a type of its own|width/],
    ["native order", npy(dictOf("(2,)", "'=f4'"), new Uint8Array(8)), /"=f4"/],
    [
      "bools that are none",
      npy(dictOf("(2,)", "'|b1'"), new Uint8Array([1, 2])),
      /bools, 0 or 1, found 2 at element 1/,
    ],
    [
      "bytes that are no UTF-8",
      npy(Buffer.from([0xff, 0xff]).toString("latin1"), new Uint8Array(8), [3, 0], 2),
      /expected/,
    ],
  ];
  it.each(refused)("refuses %s", async (_, data, message) => {
    const error = await refusal(archive([{ name: "a.npy", data }]));
    expect(error.message).toMatch(message);
    expect(error instanceof FormatError || error instanceof UnsupportedTypeError).toBe(true);
  });
});

describe("archives", () => {
  const refused: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ["no archive", Buffer.from("PK, or so"), /ZIP archive/],
    ["nothing", new Uint8Array(0), /ZIP archive/],
    ["a member that is no array", archive([{ name: "a.txt", data: good }]), /member "a.txt": expected arrays/],
    [
      "a name twice",
      archive([
        { name: "a.npy", data: good },
        { name: "a.npy", data: good },
      ]),
      /array "a": expected each name once/,
    ],
    ["another CRC-32", archive([{ name: "a.npy", data: good, crc: 7 }]), /expected the CRC-32 00000007/],
    [
      "more than is there",
      archive([{ name: "a.npy", data: good, deflate: true, size: 100 }]),
      /expected 8 bytes for float32 of shape \(2\), found 32/,
    ],
    [
      "less than is there",
      archive([{ name: "a.npy", data: good, deflate: true, size: 20 }]),
      /member "a.npy": too many bytes/,
    ],
    [
      "a terabyte from nothing",
      archive([{ name: "a.npy", data: good, deflate: true, size: 2 ** 32 - 2 }]),
      /at most 1032 bytes for each/,
    ],
    [
      "members in one place",
      archive([
        { name: "a.npy", data: good },
        { name: "b.npy", data: good, offset: 0 },
      ]),
      /members that do not overlap/,
    ],
    ["a member beyond the end", archive([{ name: "a.npy", data: good, offset: 10_000 }]), /ZIP archive|member/],
    [
      "a comment of ours, damaged",
      archive([{ name: "a.npy", data: good }], '{"legolas-flux":{"a":1}}'),
      /comment of the archive/,
    ],
  ];
  it.each(refused)("refuses %s", async (_, bytes, message) => {
    expect((await refusal(bytes)).message).toMatch(message);
  });

  it("a bomb whose array is as small as it says is never inflated further", async () => {
    const zeros = Buffer.concat([good, Buffer.alloc(50_000_000)]);
    const before = process.memoryUsage().arrayBuffers;
    const error = await refusal(archive([{ name: "a.npy", data: zeros, deflate: true }]));
    expect(error.message).toMatch(/expected 8 bytes for float32 of shape \(2\), found 50000008/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200_000_000);
  });
});

const path = new URL("../golden/npz/compressed.npz", import.meta.url);

async function outcome(bytes: Uint8Array): Promise<Weights | null> {
  try {
    return (await fromNpz(bytes)).weights;
  } catch (error) {
    expect(isLegolasError(error), String(error)).toBe(true);
    return null;
  }
}

it("cut off anywhere, it is refused", async () => {
  const whole = readFileSync(path);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 1 }), async (length) => {
      expect(await outcome(new Uint8Array(whole.subarray(0, length)))).toBeNull();
    }),
    { numRuns: 80 },
  );
}, 60_000);

it("with any byte changed, it is refused or gives the same arrays", async () => {
  const whole = readFileSync(path);
  const { weights } = await fromNpz(new Uint8Array(whole));
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const bytes = new Uint8Array(whole);
      bytes[at] = (bytes[at] as number) ^ change;
      const found = await outcome(bytes);
      // Names stand in the directory only, under no digest.
      if (found) expectSameWeights({ ...found, names: weights.names } as Weights, weights);
    }),
    { numRuns: 300 },
  );
}, 60_000);
