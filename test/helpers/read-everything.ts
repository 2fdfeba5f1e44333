/** Everything that can be read from bytes, in a form that can be compared. */
import { FlatArray, Weights } from "legolas-flux";
import { decodeTable, isLegolasError, type LegolasTable, materialize } from "legolas-flux/legolas";

/** What was read, or the package's error that refused it; `elements` counts every element and character of it. */
export interface Reading {
  readonly text: string;
  readonly elements: number;
  readonly error: Error | null;
}

/** Collects values as text, and counts what they hold. */
class Collector {
  elements = 0;
  readonly parts: string[] = [];

  add(value: unknown): void {
    this.elements += 1;
    if (typeof value === "string") {
      this.elements += value.length;
      this.parts.push(JSON.stringify(value));
    } else if (typeof value !== "object" || value === null) {
      this.parts.push(Object.is(value, -0) ? "-0" : String(value), typeof value);
    } else this.addObject(value);
  }

  private addObject(value: object): void {
    if (value instanceof FlatArray) {
      this.addView(value.vec);
      this.parts.push(value.elementType, String(value.size));
    } else if (value instanceof Weights) {
      this.addAll([value.arrays, value.names, value.layout, value.dtypes]);
    } else if (ArrayBuffer.isView(value)) this.addView(value);
    else if (value instanceof Date) this.parts.push(`date ${value.getTime()}`);
    else if (value instanceof Map) this.addAll([...value]);
    else if (Array.isArray(value)) this.addAll(value);
    else this.addAll(Object.entries(value));
  }

  private addView(view: ArrayBufferView): void {
    this.elements += view.byteLength;
    this.parts.push(Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString("latin1"));
  }

  private addAll(values: readonly unknown[]): void {
    this.parts.push(`[${values.length}`);
    for (const value of values) this.add(value);
  }
}

/**
 * Reads bytes as a table: with `validate` the records of the schema version they name, without it every column, and their metadata.
 *
 * @throws whatever is not an error of the package.
 */
export function readEverything(bytes: Uint8Array, validate: boolean): Reading {
  const collector = new Collector();
  let table: LegolasTable<object> | null = null;
  try {
    table = decodeTable(bytes, { validate });
    collector.add(validate ? table.records() : materialize(table));
    collector.add([...table.metadata]);
    return { text: collector.parts.join(" "), elements: collector.elements, error: null };
  } catch (error) {
    if (!isLegolasError(error)) throw error;
    return { text: String(error), elements: collector.elements + arrayElements(table), error };
  }
}

/** The lengths of all Arrow arrays of a table. */
function arrayElements(table: LegolasTable<object> | null): number {
  type Arrays = NonNullable<LegolasTable<object>["data"]["columns"][number]>;
  const count = (arrays: Arrays): number =>
    arrays.reduce((sum, { length, children }) => sum + length + count(children), 0);
  return table === null ? 0 : table.data.columns.reduce((sum, arrays) => sum + count(arrays ?? []), 0);
}
