/** Undeclared columns that later rows of a table say nothing for. */
import { appendModelRows, FlatArray, InputError, ModelV1, readModelRows, Weights, writeModelRows } from "legolas-flux";
import { decodeTable, schema, t } from "legolas-flux/legolas";
import { describe, expect, it } from "vitest";
import { everyType } from "../helpers/every-type.ts";
import { readWith } from "../helpers/read-with.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

const folder = temporaryFolder();
const weights = new Weights([new FlatArray(new Float32Array([1, 2]), [2])], { layout: "tfjs" });

describe.each(["file", "stream"] as const)("in a %s", (format) => {
  // A union has no nulls of its own; that of two types which are not null has none at all.
  it.each(everyType.filter(({ name }) => name !== "union"))(
    "$name is null there, for other readers too",
    async ({ type, values, stored }) => {
      const WithValueV1 = schema("missing-columns.model").version(
        1,
        { extends: ModelV1, fields: { value: t.optional(type) } },
        { replace: true },
      );
      const path = folder.at("rows.model.arrow");
      // Written as plain model rows, whose schema does not declare the column.
      await writeModelRows(path, [WithValueV1({ weights, value: values[0] as never })], ModelV1, { format });
      await appendModelRows(path, [{ weights }, { weights, value: null }]);
      const bytes = new Uint8Array(folder.bytes("rows.model.arrow"));
      for (const read of Object.values(readWith)) expect(read(bytes).value).toEqual([stored[0], null, null]);
      expect(decodeTable(bytes, { schemaVersion: WithValueV1 }).column("value").slice(1)).toEqual([null, null]);
      const rows: unknown[] = [];
      for await (const row of readModelRows(path, ModelV1)) rows.push(row);
      expect(rows).toHaveLength(3);
    },
  );

  it("so is a union with a member that may be null, and no other", async () => {
    const path = folder.at("rows.model.arrow");
    const member = t.union(t.int64, t.optional(t.string));
    for (const [union, refused] of [
      [member, false],
      [t.union(t.int64, t.string), true],
    ] as const) {
      const UnionV1 = schema("missing-columns.model").version(
        1,
        { extends: ModelV1, fields: { value: union } },
        { replace: true },
      );
      await writeModelRows(path, [UnionV1({ weights, value: 7 })], ModelV1, { format });
      if (refused) await expect(appendModelRows(path, [{ weights }])).rejects.toThrow(InputError);
      else {
        await appendModelRows(path, [{ weights }]);
        const bytes = new Uint8Array(folder.bytes("rows.model.arrow"));
        for (const read of Object.values(readWith)) expect(read(bytes).value).toEqual([7n, null]);
        expect(decodeTable(bytes, { schemaVersion: UnionV1 }).column("value")).toEqual([7, null]);
      }
    }
  });

  it("a column that may not be null is still asked for", async () => {
    const path = folder.at("rows.model.arrow");
    await writeModelRows(path, [{ weights, note: "first" }], ModelV1, { format });
    const before = folder.bytes("rows.model.arrow");
    for (const row of [{ weights }, { weights, note: null }]) {
      await expect(appendModelRows(path, [row])).rejects.toThrow(InputError);
      await expect(appendModelRows(path, [row])).rejects.toThrow(/row 1: expected .*"note": string/);
    }
    expect(folder.bytes("rows.model.arrow")).toEqual(before);
  });
});
