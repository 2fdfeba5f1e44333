/**
 * The columns of an Arrow table, loaded batch by batch.
 *
 * Idea: only what is asked for is read, with the dictionaries it needs; a record batch sees the dictionaries that stand before it,
 * replaced or extended (delta) in their order. Source: https://arrow.apache.org/docs/format/Columnar.html#dictionary-messages
 */
import { FormatError } from "../errors.ts";
import type { ReadPlan } from "../io/read-plan.ts";
import { type ArrayData, loadArray } from "./array-data.ts";
import { type ArrayLayout, FreeElements, layOutBatch } from "./array-layout.ts";
import { type Field, formatType, type Schema } from "./data-type.ts";
import type { BatchPlace, DictionaryPlace, IpcIndex } from "./ipc-index.ts";

export interface TableData {
  readonly schema: Schema;
  readonly numRows: number;
  /** For each column, in the order of the schema, its arrays, one for each record batch; null for columns that were not asked for. */
  readonly columns: readonly (readonly ArrayData[] | null)[];
}

/** Loads columns; all of them unless `wanted` says which. */
export function* loadTable(index: IpcIndex, wanted: (field: Field) => boolean = () => true): ReadPlan<TableData> {
  const { schema, recordBatches } = index;
  const chosen = schema.fields.map(wanted);
  const columns = chosen.map((isWanted): ArrayData[] | null => (isWanted ? [] : null));
  const free = new FreeElements([...index.dictionaries, ...recordBatches]);
  const dictionaries = new DictionaryStore(
    schema.fields.filter((_, i) => chosen[i]),
    free,
  );
  for (const [i, place] of recordBatches.entries()) {
    yield* dictionaries.load(index.dictionaries.filter((dictionary) => dictionary.recordBatchesBefore === i));
    const layouts = layOutBatch(schema.fields, place, free);
    for (const [column, arrays] of columns.entries()) {
      arrays?.push(yield* loadArray(layouts[column] as ArrayLayout, dictionaries.current, free));
    }
  }
  return { schema, numRows: recordBatches.reduce((sum, { batch }) => sum + batch.length, 0), columns };
}

/** How a column of a single batch is loaded: not at all, whole, or but for the values of one of its arrays. */
export type ColumnChoice = (layout: ArrayLayout) => "skip" | "load" | { readonly deferred: ArrayLayout };

/** Loads the columns of one record batch; null stands for those that were skipped. */
export function* loadBatch(index: IpcIndex, batch: number, choose: ColumnChoice): ReadPlan<(ArrayData | null)[]> {
  const { schema, recordBatches, dictionaries: places } = index;
  const free = new FreeElements([...places, ...recordBatches]);
  const layouts = layOutBatch(schema.fields, recordBatches[batch] as BatchPlace, free);
  const choices = layouts.map(choose);
  const dictionaries = new DictionaryStore(
    schema.fields.filter((_, i) => choices[i] !== "skip"),
    free,
  );
  yield* dictionaries.load(places.filter(({ recordBatchesBefore }) => recordBatchesBefore <= batch));
  const columns: (ArrayData | null)[] = [];
  for (const [i, layout] of layouts.entries()) {
    const choice = choices[i];
    const deferred = typeof choice === "object" ? choice.deferred : null;
    columns.push(choice === "skip" ? null : yield* loadArray(layout, dictionaries.current, free, deferred));
  }
  return columns;
}

class DictionaryStore {
  readonly current = new Map<bigint, readonly ArrayData[]>();
  private readonly fieldOf: ReadonlyMap<bigint, Field>;

  constructor(
    fields: readonly Field[],
    private readonly free: FreeElements,
  ) {
    const fieldOf = new Map<bigint, Field>();
    for (const [id, field] of fields.flatMap(dictionaryFields)) {
      // Fields may share a dictionary; read as values of another type, its buffers would be taken for what they are not.
      const first = fieldOf.get(id) ?? field;
      if (valuesText(first) !== valuesText(field)) throw ambiguous(id, first, field);
      fieldOf.set(id, field);
    }
    this.fieldOf = fieldOf;
  }

  *load(places: readonly DictionaryPlace[]): ReadPlan<void> {
    for (const place of places) {
      const field = this.fieldOf.get(place.id);
      if (field === undefined) continue;
      const [layout] = layOutBatch([field], place, this.free);
      const array = yield* loadArray(layout as ArrayLayout, this.current, this.free);
      const before = place.isDelta ? this.current.get(place.id) : [];
      if (before === undefined) throw missingBase(place);
      this.current.set(place.id, [...before, array]);
    }
  }
}

/** The ids of a field's dictionaries, at any depth, each with the field of the dictionary's own values. */
function dictionaryFields(field: Field): [bigint, Field][] {
  const nested = field.children.flatMap(dictionaryFields);
  return field.dictionary ? [...nested, [field.dictionary.id, { ...field, dictionary: null }]] : nested;
}

/** What the values of a dictionary are: their type at every depth, and how children are named and encoded. */
function valuesText({ type, children }: Field): string {
  const inside = children.map((child) => `${child.name}: ${valuesText(child)} of ${child.dictionary?.id}`);
  return `${JSON.stringify(type)}<${inside.join()}>`;
}

function ambiguous(id: bigint, first: Field, second: Field): FormatError {
  return new FormatError({
    subject: `dictionary ${id}`,
    expected: "values of one type",
    found: `${formatType(first)} for "${first.name}" and ${formatType(second)} for "${second.name}"`,
    remedy: "The file is damaged: fetch or write it again",
  });
}

function missingBase({ id, bodyPosition }: BatchPlace & { id: bigint }): FormatError {
  return new FormatError({
    subject: `dictionary ${id}`,
    expected: "a dictionary before what extends it",
    found: "only the extension",
    remedy: "The file is damaged: fetch or write it again",
    byteOffset: bodyPosition,
  });
}
