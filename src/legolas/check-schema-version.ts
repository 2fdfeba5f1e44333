import { InputError } from "../errors.ts";
import { asFieldType } from "./fields/field-type.ts";
import { formatValue } from "./format-value.ts";
import type { AnySchemaVersion } from "./schema-version.ts";

/** Whether a value is a schema version of any loaded copy of this package. */
export function isSchemaVersion(value: unknown): value is AnySchemaVersion {
  return typeof value === "function" && asFieldType in value;
}

/** @throws {InputError} A value is none, for instance the options that come after it. */
export function checkSchemaVersion(value: unknown): asserts value is AnySchemaVersion {
  if (isSchemaVersion(value)) return;
  throw new InputError({
    subject: "schema version",
    expected: "what schema(name).version(...) returned, such as ModelV1",
    found: formatValue(value),
    remedy: "Options come after it: pass undefined in its place for the default",
  });
}
