/**
 * Files that must be refused, each for its own reason, without work or memory out of proportion.
 *
 * The cases of https://github.com/huggingface/safetensors (attacks/, and what its reader refuses), made by our own generator, and more.
 */
import { FormatError, isLegolasError, SourceError, UnsupportedTypeError } from "legolas-flux";
import { decodeSafetensors, encodeSafetensors, fromSafetensors, openSafetensors } from "legolas-flux/safetensors";
import { describe, expect, it } from "vitest";
import { countingSource } from "../helpers/counting-source.ts";
import { processorMs } from "../helpers/processor-ms.ts";
import { type RawFile, safetensorsBytes } from "../helpers/safetensors-bytes.ts";
import { seededRandom } from "../helpers/seeded-random.ts";

function caught(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

const good = { dtype: "I32", shape: [2, 2], data_offsets: [0, 16] };
const goodText = JSON.stringify(good);
const tensor = (over: object): RawFile => ({ header: { test: { ...good, ...over } }, data: 16 });
/** A tensor whose JSON is given. */
const text = (json: string, data = 16): RawFile => ({ header: `{"test":${json}}`, data });

describe("what safetensors accepts is read", () => {
  it.each<[string, RawFile, readonly string[]]>([
    ["white space after the header", { header: "{}\r \t\n" }, []],
    ["white space before the header", { header: "\t\n{}\r " }, []],
    [
      "white space inside",
      { header: `{ "test" :\n{ "dtype" : "I32",\t"shape":[ 2 , 2 ],"data_offsets":[0,16 ] } }`, data: 16 },
      ["test"],
    ],
    [
      "a shape without dimensions",
      { header: { test: { dtype: "I32", shape: [], data_offsets: [0, 4] } }, data: 4 },
      ["test"],
    ],
    [
      "a tensor without elements",
      { header: { test: { dtype: "I32", shape: [2, 0], data_offsets: [0, 0] } } },
      ["test"],
    ],
    [
      "tensors without elements between others",
      {
        header: {
          c: { dtype: "U8", shape: [1], data_offsets: [1, 2] },
          b: { dtype: "F64", shape: [0, 9007199254740991], data_offsets: [1, 1] },
          a: { dtype: "U8", shape: [1], data_offsets: [0, 1] },
          d: { dtype: "F64", shape: [0], data_offsets: [2, 2] },
        },
        data: 2,
      },
      ["c", "b", "a", "d"],
    ],
    ["keys of a tensor in any order", text('{"data_offsets":[0,16],"shape":[2,2],"dtype":"I32"}'), ["test"]],
    ["escapes in names", { header: `{"\\u0074\\"\\n\\ud83d\\ude00":${goodText}}`, data: 16 }, ['t"\n😀']],
    ["no tensors", { header: "{}" }, []],
    ["empty metadata", { header: '{"__metadata__":{}}' }, []],
    ["a name like those of every object", { header: `{"constructor":${goodText}}`, data: 16 }, ["constructor"]],
  ])("%s", (_, file, names) => {
    expect(decodeSafetensors(safetensorsBytes(file)).weights.names).toEqual(names);
  });
});

describe("the length before the header", () => {
  it.each<[string, Uint8Array, RegExp]>([
    ["is missing", new Uint8Array(0), /8 bytes that give the length of the header, found 0 bytes/],
    ["is cut off", new Uint8Array(7), /found 7 bytes/],
    ["is all there is", Uint8Array.of(60, 0, 0, 0, 0, 0, 0, 0), /a header of 60 bytes, found 0/],
    ["leads beyond the file", safetensorsBytes({ ...tensor({}), length: 1000n }), /a header of 1000 bytes, found \d+/],
    [
      "is too large",
      safetensorsBytes({ ...tensor({}), length: 0xffffff000000003cn }),
      /at most 100000000 bytes, found 18446742974197923900/,
    ],
    [
      "is one byte too large",
      safetensorsBytes({ ...tensor({}), length: 100_000_001n }),
      /at most 100000000 bytes, found 100000001/,
    ],
    [
      "is as large as allowed, but the file is not",
      safetensorsBytes({ ...tensor({}), length: 100_000_000n }),
      /a header of 100000000 bytes/,
    ],
    [
      "is zero",
      safetensorsBytes({ header: "", data: 8 }),
      /safetensors header \(at byte 8\): expected an object, found the end/,
    ],
    ["is too small", safetensorsBytes({ ...tensor({}), length: 10n }), /in quotes, to its end|expected ","|":"/],
  ])("%s", (_, bytes, message) => {
    const error = caught(() => decodeSafetensors(bytes));
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toMatch(message);
  });

  it("that lies leads to no read and no memory", async () => {
    const source = countingSource(safetensorsBytes({ ...tensor({}), length: 99_999_999n }));
    await expect(fromSafetensors(source)).rejects.toThrow(FormatError);
    expect(source.reads).toEqual([{ position: 0, length: 8 }]);
  });

  it.each<[string, string, RegExp]>([
    ["an Arrow file", "ARROW1\0\0", /looks like an Arrow file, for readModelRow/],
    ["PyTorch's own format", "PK\u0003\u0004\0\0\b\b", /looks like a ZIP archive, such as PyTorch's own/],
    ["JSON", '{"metadata": {}}', /looks like JSON; an index of shards is read by its path or address/],
    ["HTML", "<!DOCTYPE html>", /HTML/],
    ["a pointer of Git LFS", "version https://git-lfs", /Git LFS/],
  ])("of %s says what the file looks like", (_, head, message) => {
    expect(() => decodeSafetensors(Buffer.from(head.padEnd(64, " "), "latin1"))).toThrow(message);
  });
});

describe("a header is refused for", () => {
  it.each<[string, RawFile, RegExp]>([
    ["bytes that are not UTF-8", { header: Uint8Array.of(0xff) }, /expected UTF-8/],
    ["an overlong encoding", { header: Buffer.from("7b22c08022", "hex") }, /expected UTF-8/],
    ["half of a surrogate pair", { header: `{"\\ud800":${goodText}}`, data: 16 }, /text with the escapes of JSON/],
    ["a byte order mark", { header: "\ufeff{}" }, /expected an object/],
    ["being cut off", { header: "{" }, /a name in quotes, found the end of the text/],
    ["a list", { header: "[]" }, /expected an object, found \[/],
    ["null", { header: "null" }, /expected an object, found null/],
    ["two objects", { header: "{}{}" }, /nothing after the object, found \{/],
    ["NUL as padding", { header: "{}\0" }, /nothing after the object, found \\u0000/],
    ["a comma at the end", { header: `{"test":${goodText},}`, data: 16 }, /a name in quotes, found \}/],
    ["a comment", { header: "{}/**/" }, /nothing after the object/],
    ["quotes of one stroke", { header: "{'test':1}" }, /a name in quotes, found 'test'/],
    ["a line break in a name", { header: `{"te\nst":${goodText}}`, data: 16 }, /escapes of JSON/],
    ["an escape that JSON does not have", { header: `{"\\x41":${goodText}}`, data: 16 }, /escapes of JSON/],
    [
      "a tensor twice",
      { header: `{"test":${goodText},"test":${goodText}}`, data: 16 },
      /each name once, found "test" again/,
    ],
    [
      "a tensor twice, once with escapes",
      { header: `{"test":${goodText},"\\u0074est":${goodText}}`, data: 16 },
      /each name once/,
    ],
    ["metadata twice", { header: '{"__metadata__":{},"__metadata__":{}}' }, /each name once/],
    ["a key of metadata twice", { header: '{"__metadata__":{"a":"1","a":"2"}}' }, /__metadata__ .*each name once/],
    [
      "a number in metadata",
      { header: '{"__metadata__":{"epoch":3}}' },
      /__metadata__: "epoch" .*text in quotes.*found 3/,
    ],
    ["metadata that are text", { header: '{"__metadata__":"x"}' }, /__metadata__ .*an object, found "x"/],
    ["null as metadata", { header: '{"__metadata__":null}' }, /__metadata__ .*an object, found null/],
  ])("%s", (_, file, message) => {
    const error = caught(() => decodeSafetensors(safetensorsBytes(file)));
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toMatch(message);
    expect((error as FormatError).byteOffset).toBeGreaterThanOrEqual(8);
  });
});

describe("a tensor is refused, by name and place, for", () => {
  it.each<[string, RawFile, RegExp]>([
    ["being a list", text('["I32",[2,2],[0,16]]'), /tensor "test" .*an object, found \[/],
    [
      "no dtype",
      text('{"shape":[2,2],"data_offsets":[0,16]}'),
      /dtype, shape and data_offsets, found shape, data_offsets/,
    ],
    ["no shape", text('{"dtype":"I32","data_offsets":[0,16]}'), /found dtype, data_offsets/],
    ["no offsets", text('{"dtype":"I32","shape":[2,2]}'), /found dtype, shape/],
    ["nothing", text("{}", 0), /found none of them/],
    ["another key", tensor({ strides: [1, 2] }), /data_offsets only, found "strides"/],
    ["a key twice", text(`{"dtype":"F32",${goodText.slice(1)}`), /tensor "test" .*each name once, found "dtype" again/],
    ["an unknown type", tensor({ dtype: "I31" }), /dtype .*BOOL, I8, .*found "I31"/],
    ["a type in small letters", tensor({ dtype: "i32" }), /found "i32"/],
    ["a number as type", tensor({ dtype: 32 }), /dtype .*text in quotes, found 32/],
    ["a dimension below zero", tensor({ shape: [-2, -2] }), /shape .*a whole number from 0 to 2\^53 - 1, found -2/],
    ["a dimension with a fraction", text('{"dtype":"I32","shape":[2.0,2],"data_offsets":[0,16]}'), /found 2\.0/],
    ["a dimension with an exponent", text('{"dtype":"I32","shape":[2e0,2],"data_offsets":[0,16]}'), /found 2e0/],
    ["a dimension with a zero before it", text('{"dtype":"I32","shape":[02,2],"data_offsets":[0,16]}'), /found 02/],
    ["a dimension of minus zero", text('{"dtype":"I32","shape":[-0],"data_offsets":[0,0]}', 0), /found -0/],
    ["a dimension in quotes", tensor({ shape: ["2", 2] }), /found "2"/],
    ["a nested dimension", tensor({ shape: [[2, 2]] }), /found \[/],
    ["no number as dimension", tensor({ shape: [null] }), /found null/],
    ["a shape that is a number", tensor({ shape: 4 }), /a list of whole numbers, found 4/],
    [
      "a dimension beyond 64 bits",
      text('{"dtype":"I32","shape":[2,18446744073709551614],"data_offsets":[0,16]}'),
      /2\^53/,
    ],
    ["a dimension beyond 2^53", text('{"dtype":"I32","shape":[9007199254740993],"data_offsets":[0,16]}'), /2\^53/],
    ["elements beyond counting", tensor({ shape: [3037000500, 3037000500] }), /less than 2\^53 bytes/],
    ["bytes beyond counting", tensor({ shape: [4503599627370496] }), /less than 2\^53 bytes/],
    ["elements that overflow to few", tensor({ shape: [4294967296, 4294967296, 4] }), /less than 2\^53 bytes/],
    ["overflow before a zero", tensor({ shape: [9007199254740991, 9007199254740991, 0] }), /less than 2\^53 bytes/],
    [
      "bytes that are not those of its shape",
      tensor({ data_offsets: [0, 4] }),
      /16 bytes for \[2, 2\] of I32, found 4/,
    ],
    ["bytes of another type", tensor({ dtype: "I64" }), /32 bytes for \[2, 2\] of I64, found 16/],
    ["beginning after its end", tensor({ data_offsets: [16, 0] }), /where it begins and ends, found \[16, 0\]/],
    ["one offset", tensor({ data_offsets: [16] }), /where it begins and ends, found \[16\]/],
    ["three offsets", tensor({ data_offsets: [0, 16, 16] }), /found \[0, 16, 16\]/],
    ["beginning below zero", tensor({ data_offsets: [-16, 0] }), /found -16/],
    [
      "lying outside the file",
      tensor({ data_offsets: [16, 32] }),
      /begin at 0, the start of the data, found a gap: 16/,
    ],
    ["lying far outside", tensor({ data_offsets: [9007199254740975, 9007199254740991] }), /found a gap/],
  ])("%s", (_, file, message) => {
    const error = caught(() => decodeSafetensors(safetensorsBytes(file)));
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).toMatch(/tensor "test".*\(at byte \d+\)/);
    expect((error as FormatError).byteOffset).toBeGreaterThanOrEqual(8);
  });

  it.each(["F4", "F6_E2M3", "F6_E3M2", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "C64"])(
    "the type %s, by its name",
    (dtype) => {
      const error = caught(() => decodeSafetensors(safetensorsBytes(tensor({ dtype }))));
      expect(error).toBeInstanceOf(UnsupportedTypeError);
      expect((error as UnsupportedTypeError).type).toBe(dtype);
      expect((error as Error).message).toMatch(/tensor "test"/);
    },
  );

  it("bools other than 0 and 1, on every way of reading", async () => {
    const bytes = safetensorsBytes({
      header: { flags: { dtype: "BOOL", shape: [3], data_offsets: [0, 3] } },
      data: Uint8Array.of(1, 0, 2),
    });
    const message = new RegExp(
      `tensor "flags" \\(at byte ${bytes.length - 1}\\): expected bools, 0 or 1, found 2 at element 2`,
    );
    expect(() => decodeSafetensors(bytes)).toThrow(message);
    await expect(fromSafetensors(countingSource(bytes))).rejects.toThrow(message);
  });
});

describe("the data", () => {
  const two = (first: [number, number], second: [number, number], data: number): RawFile => ({
    header: {
      a: { dtype: "U8", shape: [first[1] - first[0]], data_offsets: first },
      b: { dtype: "U8", shape: [second[1] - second[0]], data_offsets: second },
    },
    data,
  });

  it.each<[string, RawFile, RegExp]>([
    [
      "with a gap at the start",
      two([1, 4], [4, 8], 8),
      /tensor "a": data_offsets .*begin at 0, the start of the data, found a gap: 1/,
    ],
    ["with a gap between", two([0, 3], [4, 8], 8), /tensor "b": .*begin at 3, the end of tensor "a", found a gap: 4/],
    ["with an overlap", two([0, 5], [4, 8], 8), /tensor "b": .*begin at 5, .*found an overlap: 4/],
    ["with two tensors in one place", two([0, 8], [0, 8], 8), /tensor "b": .*found an overlap: 0/],
    ["with a tensor inside another", two([0, 8], [2, 4], 8), /found an overlap: 2/],
    ["with an empty tensor inside another", two([0, 8], [4, 4], 8), /found an overlap: 4/],
    ["with an empty tensor beyond the end", two([0, 8], [9, 9], 8), /found a gap: 9/],
    [
      "followed by other bytes",
      { ...two([0, 4], [4, 8], 8), data: new Uint8Array(42) },
      /8 bytes of data, as the header has it, found 42/,
    ],
    [
      "cut off",
      { ...two([0, 4], [4, 8], 8), data: 6 },
      /\(at byte \d+\): expected 8 bytes of data, to the end of tensor "b", found 6/,
    ],
    ["absent", { ...two([0, 4], [4, 8], 8), data: 0 }, /found 0\. The file was cut off/],
    ["without a tensor", { header: "{}", data: 1 }, /0 bytes of data, as the header has it, found 1/],
  ])("%s is refused", (_, file, message) => {
    const error = caught(() => decodeSafetensors(safetensorsBytes(file)));
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toMatch(message);
  });

  it("that is cut off after any byte, or has one more, is refused on every way of reading", async () => {
    const whole = safetensorsBytes({
      header: {
        __metadata__: { format: "pt" },
        ü: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
        b: { dtype: "BF16", shape: [3], data_offsets: [8, 14] },
        c: { dtype: "BOOL", shape: [1], data_offsets: [14, 15] },
      },
      data: 15,
    });
    expect(decodeSafetensors(whole).weights.length).toBe(3);
    for (let length = 0; length < whole.length; length++) {
      const part = whole.subarray(0, length);
      const error = caught(() => decodeSafetensors(part));
      expect(error).toBeInstanceOf(FormatError);
      expect((error as FormatError).byteOffset).toBeLessThanOrEqual(length);
      const source = length === 0 ? new Uint8Array(0) : countingSource(part);
      await expect(openSafetensors(source)).rejects.toThrow((error as FormatError).message);
    }
    expect(() => decodeSafetensors(Buffer.concat([whole, Buffer.alloc(1)]))).toThrow(FormatError);
  });
});

describe("what it costs", () => {
  /** Many tensors in one place, for a file that would become many times its size. */
  function overlapping(count: number, shape: readonly number[]): Uint8Array {
    const bytes = 4 * shape.reduce((product, dimension) => product * dimension, 1);
    const entry = JSON.stringify({ dtype: "F32", shape, data_offsets: [0, bytes] });
    const entries = Array.from({ length: count }, (_, i) => `"weight_${i}":${entry}`);
    return safetensorsBytes({ header: `{${entries.join(",")}}`, data: bytes });
  }

  it.each([
    [100_000, [200, 200]],
    [100_000, [2, 2]],
  ])(
    "%d tensors of shape %j in one place are refused, in proportion to the header",
    (count, shape) => {
      const bytes = overlapping(count, shape);
      let error: unknown;
      const ms = processorMs(() => {
        error = caught(() => decodeSafetensors(bytes));
      });
      expect(error).toBeInstanceOf(FormatError);
      expect((error as Error).message).toMatch(/found an overlap: 0/);
      expect(ms).toBeLessThan(10_000);
    },
    30_000,
  );

  it("ten million tensors in one place are refused for the length of the header alone", async () => {
    const head = Buffer.alloc(8);
    head.writeBigUInt64LE(700_000_000n);
    const source = { location: "a large file", size: 1_400_000_008, readAt: async () => new Uint8Array(head) };
    await expect(fromSafetensors(source)).rejects.toThrow(/at most 100000000 bytes, found 700000000/);
  });

  it.each<[string, string, RegExp]>([
    ["white space", " ".repeat(30_000_000), /found the end of the text/],
    ["one name without an end", `{"${"a".repeat(30_000_000)}`, /in quotes, to its end/],
    ["one name of escapes", `{"${"\\u0041".repeat(5_000_000)}`, /in quotes, to its end/],
    ["brackets", "[".repeat(30_000_000), /an object/],
    ["brackets in a shape", `{"a":{"shape":${"[".repeat(10_000_000)}`, /whole number/],
    ["braces in metadata", `{"__metadata__":{"a":${'{"a":'.repeat(5_000_000)}`, /text in quotes/],
    ["digits", `{"a":{"shape":[${"9".repeat(30_000_000)}]}}`, /whole number/],
    [
      "dimensions",
      `{"a":{"dtype":"U8","shape":[${"1,".repeat(5_000_000)}1],"data_offsets":[0,2]}}`,
      /1 bytes for \[1, 1, .*…\] of U8/,
    ],
  ])(
    "a header of nothing but %s is refused in seconds, with a short message",
    (_, header, message) => {
      const bytes = safetensorsBytes({ header });
      let error: unknown;
      const ms = processorMs(() => {
        error = caught(() => decodeSafetensors(bytes));
      });
      expect(error).toBeInstanceOf(FormatError);
      expect((error as Error).message).toMatch(message);
      expect((error as Error).message.length).toBeLessThan(500);
      expect(ms).toBeLessThan(10_000);
    },
    30_000,
  );

  it("a tensor larger than any memory, in a source that says it is there, is an error of the package", async () => {
    const bytes = safetensorsBytes({
      header: { huge: { dtype: "F64", shape: [2 ** 46], data_offsets: [0, 2 ** 49] } },
    });
    const source = {
      location: "a source",
      size: bytes.length + 2 ** 49,
      readAt: async (position: number, length: number) => bytes.subarray(position, position + length),
    };
    const reading = fromSafetensors(source);
    await expect(reading).rejects.toThrow(SourceError);
    await expect(reading).rejects.toThrow(/array 0 \(huge\), 70368744177664 elements of float64.*not enough memory/);
  });
});

describe("damaged at random", () => {
  const whole = safetensorsBytes({
    header: {
      __metadata__: { format: "pt", epoch: "3" },
      "layers.0.weight": { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
      "layers.0.bias": { dtype: "BF16", shape: [4], data_offsets: [24, 32] },
      mask: { dtype: "BOOL", shape: [8], data_offsets: [32, 40] },
    },
    data: 40,
  });
  const headerEnd = whole.length - 40;
  const alphabet = Buffer.from('{}[]":,\\0123456789-.eE+ntfalsu \0\xff', "latin1");

  function damageOnce(bytes: number[], random: (below: number) => number): void {
    const at = random(4) === 0 ? random(8) : 8 + random(headerEnd - 8);
    const byte = random(2) === 0 ? random(256) : (alphabet[random(alphabet.length)] as number);
    const kind = random(4);
    if (kind === 0) bytes[at] = byte;
    else if (kind === 1) bytes.splice(at, 1 + random(4));
    else if (kind === 2) bytes.splice(at, 0, byte);
    else bytes.splice(at, 0, ...bytes.slice(random(headerEnd), random(headerEnd)));
  }

  /** Changes a few places; of half of the files the length is then right again, so that the header itself is reached. */
  function damage(random: (below: number) => number): Uint8Array {
    const bytes = [...whole];
    for (let times = 1 + random(3); times > 0; times--) damageOnce(bytes, random);
    const length = bytes.length - 40 - 8;
    if (random(2) === 0) bytes.splice(0, 4, length & 255, (length >> 8) & 255, 0, 0);
    return Uint8Array.from(bytes);
  }

  it("10,000 files are read or refused with an error of the package, the same on both ways", async () => {
    const random = seededRandom(20_240_607);
    let read = 0;
    for (let i = 0; i < 10_000; i++) {
      const bytes = damage(random);
      const error = caught(() => {
        const { weights, metadata } = decodeSafetensors(bytes);
        read++;
        // What is read can be written and read again.
        const again = decodeSafetensors(encodeSafetensors(weights, { metadata }));
        expect(again.weights.names).toEqual(weights.names);
        expect(again.weights.arrays).toEqual(weights.arrays);
        return null;
      });
      if (error !== null && !isLegolasError(error)) throw error;
      const reading = fromSafetensors(bytes.length > 0 ? countingSource(bytes) : bytes).then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(String(await reading)).toBe(String(error));
    }
    expect(read).toBeGreaterThan(300);
    expect(read).toBeLessThan(9000);
  }, 60_000);
});
