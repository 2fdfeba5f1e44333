/** The rows of files as a table of runs. */
import { encodeModelRow, FlatArray, ModelV1, Weights } from "legolas-flux";
import { schema, t } from "legolas-flux/legolas";
import { expect, it } from "vitest";
import { listRuns } from "../../viewer/src/worker/list-runs.ts";

it("columns of a file stand beside those that the table adds, whatever they are called", async () => {
  const RunV1 = schema("viewer.run").version(1, {
    extends: ModelV1,
    fields: { arrays: t.int64, schema: t.string, "schema (column)": t.string, epoch: t.int64 },
  });
  const weights = new Weights([new FlatArray(new Float32Array(4), [4])]);
  const row = RunV1({ weights, arrays: 77, schema: "their own", "schema (column)": "another", epoch: 3 });
  const file = new File([new Uint8Array(encodeModelRow(row, RunV1))], "a.arrow");
  const { runs, columns, failures } = await listRuns([file], () => {});
  expect(failures).toEqual([]);
  expect(Object.entries(runs[0]?.values ?? {}).map(([name, { text }]) => [name, text])).toEqual([
    ["schema", "viewer.run@1"],
    ["arrays (column)", "77"],
    ["schema (column)", "their own"],
    ["schema (column) (column)", "another"],
    ["epoch", "3"],
    ["arrays", "1"],
  ]);
  expect(new Set(columns).size).toBe(6);
});
