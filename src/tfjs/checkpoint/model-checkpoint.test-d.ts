import { ModelV1 } from "legolas-flux";
import { schema, t } from "legolas-flux/legolas";
import { ModelCheckpoint } from "legolas-flux/tfjs";
import { expectTypeOf, it } from "vitest";

const filepath = "{epoch}.arrow";
const RowV1 = schema("checkpoint-types.model").version(1, {
  extends: ModelV1,
  fields: { config: t.struct({ seed: t.int64 }), accuracy: t.optional(t.float32) },
});

it("row() gives fields of the schema, of their types, at once or later", () => {
  new ModelCheckpoint({ filepath, schema: RowV1, row: () => ({ config: { seed: 5 } }) });
  new ModelCheckpoint({ filepath, schema: RowV1, row: async () => ({ config: { seed: 5 }, accuracy: 0.5 }) });
  new ModelCheckpoint({ filepath, row: () => ({ architecture_version: 1 }) });
  // @ts-expect-error: the seed is a number
  new ModelCheckpoint({ filepath, schema: RowV1, row: () => ({ config: { seed: "5" } }) });
  // @ts-expect-error: the weights are the checkpoint's to give
  new ModelCheckpoint({ filepath, row: (): { weights: null } => ({ weights: null }) });
  // @ts-expect-error: there has to be a path
  new ModelCheckpoint({ schema: RowV1 });
  new ModelCheckpoint({
    filepath,
    row: (logs, epoch) => {
      expectTypeOf(logs).toEqualTypeOf<Readonly<Record<string, number>>>();
      expectTypeOf(epoch).toEqualTypeOf<number>();
      return {};
    },
  });
});
