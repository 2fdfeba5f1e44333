import { fixedSizeBinary } from "@uwdata/flechette";
import {
  type ArrowSchema,
  construct,
  type DataType,
  decodeTable,
  encodeTable,
  findViolations,
  schema,
  t,
} from "legolas-flux/legolas";
import { describe, expect, test } from "vitest";
import { newSchemaName, readForeign, refusal, roundTrip } from "../../../test/contract/support.ts";

const uuid = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
const rfcOrder = Uint8Array.from([63, 37, 4, 224, 79, 137, 17, 211, 154, 12, 3, 5, 232, 44, 51, 1]);

describe("t.uuid", () => {
  test("takes text of 32 hexadecimal digits, and keeps it in lowercase", () => {
    expect(construct(t.uuid, uuid)).toBe(uuid);
    expect(construct(t.uuid, uuid.toUpperCase())).toBe(uuid);
  });

  test.each([
    ["", '""'],
    [uuid.replaceAll("-", ""), '"3f2504e04f8911d39a0c0305e82c3301"'],
    [`{${uuid}}`, `"{${uuid}}"`],
    [`${uuid}\n`, `"${uuid}\\n"`],
    [uuid.replace("3f", "3g"), `"${uuid.replace("3f", "3g")}"`],
    [rfcOrder, "a Uint8Array of 16 bytes"],
    [null, "missing (null)"],
    [undefined, "missing (null)"],
    [1n, "1n"],
  ])("refuses %s", (value, found) => {
    expect(refusal(t.uuid, value)).toMatchObject({
      message: `value: expected uuid (such as 3f2504e0-4f89-11d3-9a0c-0305e82c3301), found ${found}`,
    });
  });

  test("keeps its values in a table", () => {
    const ids = [uuid, "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-fffffffffffe"];
    expect(roundTrip(t.uuid, ids)).toEqual(ids);
    expect(roundTrip(t.optional(t.uuid), [null, uuid])).toEqual([null, uuid]);
  });

  test("is written as Julia's: 16 bytes in reverse, under its extension name", () => {
    const version = schema(newSchemaName()).version(1, { fields: { value: t.uuid } });
    const { data } = decodeTable(encodeTable([{ value: uuid }], version));
    expect(data.schema.fields[0]?.type).toEqual({ kind: "fixedSizeBinary", byteWidth: 16 });
    expect(data.schema.fields[0]?.metadata.get("ARROW:extension:name")).toBe("JuliaLang.UUID");
    expect(data.columns[0]?.[0]?.values).toEqual(rfcOrder.toReversed());
  });

  test.each([
    ["no extension name, in RFC order", undefined, rfcOrder],
    ["arrow.uuid, in RFC order", "arrow.uuid", rfcOrder],
    ["JuliaLang.UUID, in reverse", "JuliaLang.UUID", rfcOrder.toReversed()],
  ])("is read from 16-byte binary under %s", (_, extension, bytes) => {
    const column = { values: [bytes], type: fixedSizeBinary(16), ...(extension && { extension }) };
    expect(readForeign(t.uuid, column)).toEqual([uuid]);
  });

  test.each<[string, DataType, boolean]>([
    ["a 128-bit unsigned integer", { kind: "int", bitWidth: 128, signed: false }, true],
    ["a 128-bit signed integer", { kind: "int", bitWidth: 128, signed: true }, false],
    ["binary of 8 bytes", { kind: "fixedSizeBinary", byteWidth: 8 }, false],
    ["text", { kind: "utf8", large: false }, false],
  ])("of %s: accepted or not", (_, type, accepted) => {
    const version = schema(newSchemaName()).version(1, { fields: { id: t.uuid } });
    const field = { name: "id", type, nullable: false, children: [], dictionary: null, metadata: new Map() };
    const arrowSchema: ArrowSchema = { fields: [field], metadata: new Map() };
    expect(findViolations(arrowSchema, version).length).toBe(accepted ? 0 : 1);
  });
});
