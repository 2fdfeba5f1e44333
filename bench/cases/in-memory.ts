import { decodeModelRow, encodeModelRow } from "legolas-flux";
import { type Case, type Operation, prepared, type Settings } from "../measure.ts";
import { arraysOf, checkArrays, largeModel, makeArrays, modelBytes, weightsOf } from "../model.ts";
import { concatenate, split } from "../peers/concatenate.ts";

const copy = "copy the arrays into one new buffer";

function operations({ mib }: Settings): Operation[] {
  const shape = largeModel(mib / 4);
  const bytes = modelBytes(shape);
  const arrays = makeArrays(shape);
  const row = { weights: weightsOf(arrays) };
  const check = (encoded: Uint8Array): void => checkArrays(arraysOf(decodeModelRow(encoded).weights), shape);
  const encode = (checksum: boolean): Operation["prepare"] => {
    return async () => prepared(() => encodeModelRow(row, undefined, { checksum }), check);
  };
  const decode = (checksum: boolean): Operation["prepare"] => {
    return async () => {
      const encoded = encodeModelRow(row, undefined, { checksum });
      return prepared(
        () => decodeModelRow(encoded),
        ({ weights }) => checkArrays(arraysOf(weights), shape),
      );
    };
  };
  return [
    {
      name: copy,
      bytes,
      prepare: async () =>
        prepared(
          () => concatenate(arrays),
          (joined) => checkArrays(split(joined, shape), shape),
        ),
    },
    { name: "encodeModelRow", against: copy, bytes, prepare: encode(false) },
    { name: "encodeModelRow, checksum: true", against: copy, bytes, prepare: encode(true) },
    { name: "decodeModelRow", against: copy, prepare: decode(false) },
    { name: "decodeModelRow, checksums verified", against: copy, bytes, prepare: decode(true) },
  ];
}

/** Rows as bytes in memory. */
export const inMemory: Case = {
  id: "memory",
  title: "Encode and decode bytes in memory",
  explanation:
    "A quarter of the large model. Encoding copies every element once, so it is divided by that copy; decoding gives views of the bytes and copies none.",
  isolation: "one process",
  diskBytes: () => 0,
  operations,
  targets: [],
};
