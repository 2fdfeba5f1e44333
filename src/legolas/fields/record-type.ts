/** Nested records: the type of fields whose values are records of a schema version. */
import type { ArrayData } from "../../arrow/array-data.ts";
import type { Field } from "../../arrow/data-type.ts";
import { encodeStruct } from "../../arrow/encoded-array.ts";
import { RecordError } from "../../errors.ts";
import { formatIdentifier } from "../identifier.ts";
import type { AnySchemaVersion } from "../schema-version.ts";
import { within } from "./columns.ts";
import { type ElementReader, FieldType, inside, mismatch, type Place, readerOf } from "./field-type.ts";
import { int64 } from "./integers.ts";
import { acceptsFields, encodeFields, structReader } from "./struct.ts";
import { string } from "./text.ts";

/** The record type of a schema version, which is asked for only when used because it refers to this type itself. */
export function recordType(schemaVersion: () => AnySchemaVersion): FieldType<object, unknown> {
  const build = (value: unknown, place: Place): object => buildNested(schemaVersion(), value, place);
  return new FieldType<object, unknown>({
    get text() {
      return formatIdentifier(schemaVersion());
    },
    construct: build,
    accepts: (field) => {
      const { fields } = schemaVersion();
      return field.type.kind === "struct" && acceptsFields(fields, legacyContent(field)?.children ?? field.children);
    },
    reader: (array, place) => (legacyContent(array.field) ? readLegacy : readStruct)(schemaVersion(), array, place),
    encode: (column, values) => {
      const { name, version, fields } = schemaVersion();
      const extension = `JuliaLang.Legolas.Generated.${name}.${version}`;
      return encodeStruct(
        { ...column, extension },
        values.map((value) => value !== null),
        encodeFields(fields, values, within(column)),
      );
    },
  });
}

function buildNested(schemaVersion: AnySchemaVersion, value: unknown, place: Place): object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw mismatch(place, `a record of ${schemaVersion.identifier}`, value);
  }
  try {
    return schemaVersion(value as never);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    const { expected = "", found = "", remedy } = error.facts;
    const details = {
      identifier: place.identifier,
      path: [...place.path, ...error.path],
      expected,
      found,
      value: error.value,
    };
    throw new RecordError(remedy === undefined ? details : { ...details, remedy }, { cause: error });
  }
}

function readStruct(schemaVersion: AnySchemaVersion, array: ArrayData, place: Place): ElementReader<object> {
  const read = structReader(schemaVersion.fields, array, place);
  return (index) => buildNested(schemaVersion, read(index), inside(place, index));
}

/**
 * Legolas 0.3 and 0.4 wrote a nested row as a struct of "1" (schema name), "2" (version) and "3" (the fields); the field of "3", or
 * null for a struct of another form.
 */
function legacyContent({ children: [name, version, content], children }: Field): Field | null {
  const isLegacy =
    children.length === 3 &&
    name?.name === "1" &&
    version?.name === "2" &&
    content?.name === "3" &&
    content.type.kind === "struct";
  return isLegacy && string.spec.accepts(name) && int64.spec.accepts(version) ? content : null;
}

function readLegacy(schemaVersion: AnySchemaVersion, array: ArrayData, place: Place): ElementReader<object> {
  const [names, versions, content] = array.children as [ArrayData, ArrayData, ArrayData];
  const nameAt = readerOf(string, names, place);
  const versionAt = readerOf(int64, versions, place);
  const recordAt = readStruct(schemaVersion, content, place);
  return (index) => {
    const found = { name: nameAt(index), version: versionAt(index) };
    if (formatIdentifier(found) !== formatIdentifier(schemaVersion)) {
      throw mismatch(inside(place, index), `a record of ${schemaVersion.identifier}`, formatIdentifier(found));
    }
    return recordAt(index);
  };
}
