/** Schema versions as Standard Schemas. Source: https://standardschema.dev (version 1). */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { CheckError, RecordError } from "../errors.ts";

/** Standard Schema properties that report a record's first failure as an issue. */
export function standardProps<I, R>(build: (input: unknown) => R): StandardSchemaV1.Props<I, R> {
  return {
    version: 1,
    vendor: "legolas-flux",
    validate: (input) => {
      try {
        return { value: build(input) };
      } catch (error) {
        if (error instanceof RecordError) return { issues: [{ message: error.message, path: error.path }] };
        if (error instanceof CheckError) return { issues: [{ message: error.message }] };
        throw error;
      }
    },
  };
}
