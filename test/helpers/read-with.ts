/** Columns as other Arrow libraries read them. */
import { tableFromIPC as tableFromFlechette } from "@uwdata/flechette";
import { tableFromIPC as tableFromApache } from "apache-arrow";
import { plainValue } from "./plain-value.ts";

/** The columns of Arrow bytes by name, each an array of plain values. */
export type Columns = Readonly<Record<string, readonly unknown[]>>;

/** Every library that reads for the tests, by name. */
export const readWith: Readonly<Record<"apache-arrow" | "flechette", (bytes: Uint8Array) => Columns>> = {
  "apache-arrow": (bytes) => {
    const table = tableFromApache(bytes);
    return Object.fromEntries(
      table.schema.fields.map(({ name }) => {
        const column = table.getChild(name);
        return [name, Array.from({ length: table.numRows }, (_, i) => plainValue(column?.get(i)))];
      }),
    );
  },
  flechette: (bytes) => {
    const table = tableFromFlechette(bytes, { useBigInt: true, useMap: true });
    return Object.fromEntries(
      table.names.map((name) => {
        const column = table.getChild(name);
        return [name, Array.from({ length: table.numRows }, (_, i) => plainValue(column.at(i)))];
      }),
    );
  },
};
