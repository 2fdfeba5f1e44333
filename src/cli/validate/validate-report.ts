/**
 * Everything that is wrong with a file.
 *
 * Idea: no problem hides another. The columns are compared with the schema first; then each row is read without looking for violations, which
 * checks the structure of every column, and its arrays against their digests; then, if the columns comply, as the schema version says.
 */

import {
  isLegolasError,
  LazyWeights,
  type LegolasError,
  type ModelRowsHandle,
  openModelRows,
  RecordError,
  SourceError,
  ViolationError,
} from "../../index.ts";
import { isCompanion, weightsColumnsOf } from "../../inspection/companion-columns.ts";
import {
  type AnySchemaVersion,
  declared,
  findViolations,
  formatIdentifier,
  formatType,
  parseIdentifier,
  readTable,
  type Violation,
} from "../../legolas.ts";

export interface Problem {
  readonly kind: "schema" | "violation" | "structure" | "checksum" | "value";
  /** From 0; null where the whole file is meant. */
  readonly row: number | null;
  /** Of a violation. */
  readonly field?: string;
  readonly expected?: string;
  /** Null where there is no such column. */
  readonly found?: string | null;
  readonly message: string;
}

export interface ValidateReport {
  readonly source: string;
  readonly ok: boolean;
  /** As the file records it; null where it records none or could not be opened. */
  readonly schema: string | null;
  /** The schema version it was checked against. */
  readonly checkedAs: string | null;
  readonly rows: number | null;
  /** How many arrays were compared with a digest; without one, a changed value goes unnoticed. */
  readonly checksums: number;
  readonly problems: readonly Problem[];
  /** What was not checked, and why. */
  readonly notes: readonly string[];
}

export interface ValidateOptions {
  /** Checks every file as this, whatever it says it is. */
  readonly as: AnySchemaVersion | null;
  /** Whether declarations were given, so that an undeclared schema is a problem. */
  readonly hasDeclarations: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

type Table = ModelRowsHandle<object>;

/** @throws {SourceError} The file cannot be read. */
export async function validateReport(source: string, options: ValidateOptions): Promise<ValidateReport> {
  const findings = new Findings();
  const table = await findings.try("structure", null, () =>
    openModelRows(source, options.as ?? undefined, { validate: false, signal: options.signal }),
  );
  if (!table) return findings.report(source, null);
  try {
    checkIdentifier(table, options, findings);
    const violations = findViolations(table.table.schema, table.schemaVersion);
    for (const violation of violations) findings.violation(violation, null);
    await checkUnread(source, table, findings);
    await checkRows(source, table, options, findings);
    findings.addMissing(table);
    if (!findings.hasViolations) await checkRecords(source, table.schemaVersion, options, findings);
    return findings.report(source, table);
  } finally {
    await table.close();
  }
}

/** A damaged file may declare any number of rows, none of which can be read. */
const maxProblems = 1000;

async function checkRows(source: string, table: Table, options: ValidateOptions, findings: Findings): Promise<void> {
  for (let row = 0; row < table.numRows; row++) {
    options.signal.throwIfAborted();
    if (findings.isFull) return;
    options.onProgress(`${source}: row ${row + 1} of ${table.numRows}`);
    await checkRow(table, row, options, findings);
  }
}

class Findings {
  private readonly problems = new Map<string, Problem>();
  private readonly notes = new Set<string>();
  /** How many rows miss a value, by field. */
  private readonly missing = new Map<string, number>();
  checksums = 0;
  private added = 0;

  add(problem: Problem): void {
    this.added += 1;
    // Rows of one batch repeat what is wrong with it.
    const isOfBatch = problem.kind === "violation" || problem.kind === "structure";
    const key = isOfBatch ? problem.message : JSON.stringify(problem);
    if (!this.problems.has(key)) this.problems.set(key, problem);
  }

  /** Whether so much is wrong that more is of no use; says so. */
  get isFull(): boolean {
    const isFull = this.added >= maxProblems;
    if (isFull) this.note(`stopped after ${maxProblems} problems: there may be more`);
    return isFull;
  }

  note(text: string): void {
    this.notes.add(text);
  }

  violation({ field, expected, found }: Violation, row: number | null): void {
    const message = `field "${field}": expected ${expected}, ${found === null ? "but there is no such column" : `found ${found}`}`;
    this.add({ kind: "violation", row, field, expected, found, message });
  }

  /** Counts the values that a row must have and has not. */
  countMissing(row: object, { fields }: AnySchemaVersion): void {
    for (const [name, value] of Object.entries(row)) {
      const type = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (value === null && type && !type.takesNull) this.missing.set(name, (this.missing.get(name) ?? 0) + 1);
    }
  }

  addMissing({ table, schemaVersion }: Table): void {
    for (const [name, count] of this.missing) {
      const field = table.schema.fields.find((each) => each.name === name);
      const isTold = [...this.problems.values()].some((problem) => problem.field === name);
      if (!field || isTold) continue;
      const found = `${formatType(field)} with ${count} missing values`;
      this.violation({ field: name, expected: schemaVersion.fields[name]?.text ?? "", found }, null);
    }
  }

  get hasViolations(): boolean {
    return [...this.problems.values()].some(({ kind }) => kind === "violation");
  }

  /** What the call gives, or undefined after noting why it failed. @throws {SourceError} The file cannot be read. */
  async try<T>(kind: Problem["kind"], row: number | null, run: () => Promise<T>): Promise<T | undefined> {
    try {
      return await run();
    } catch (error) {
      if (!isLegolasError(error) || error instanceof SourceError) throw error;
      this.error(kind, row, error);
      return undefined;
    }
  }

  private error(kind: Problem["kind"], row: number | null, error: LegolasError): void {
    if (error instanceof ViolationError) for (const violation of error.violations) this.violation(violation, row);
    else {
      const { expected, found } = error.facts;
      const facts = { ...(expected !== undefined && { expected }), ...(found !== undefined && { found }) };
      const field = error instanceof RecordError ? { field: error.path.join(".") } : {};
      this.add({ kind, row, ...field, ...facts, message: error.message });
    }
  }

  report(source: string, table: Table | null): ValidateReport {
    const problems = [...this.problems.values()];
    return {
      source,
      ok: problems.length === 0,
      schema: table?.table.identifier ?? null,
      checkedAs: table && formatIdentifier(table.schemaVersion),
      rows: table?.numRows ?? null,
      checksums: this.checksums,
      problems,
      notes: [...this.notes],
    };
  }
}

function checkIdentifier({ table, schemaVersion }: Table, options: ValidateOptions, findings: Findings): void {
  const { identifier } = table;
  if (options.as || (identifier !== null && isDeclared(identifier))) return;
  const problem = identifierProblem(identifier);
  const message = `${identifier} is not declared: it was checked as ${formatIdentifier(schemaVersion)} only`;
  if (problem !== null) findings.add({ kind: "schema", row: null, message: problem });
  else if (options.hasDeclarations) {
    findings.add({ kind: "schema", row: null, message: `${message}; --schema declares others` });
  } else findings.note(`${message}; --schema FILE declares it`);
}

function isDeclared(identifier: string): boolean {
  return identifierProblem(identifier) === null && declared(identifier);
}

function identifierProblem(identifier: string | null): string | null {
  if (identifier === null) {
    return "it records no schema, so Legolas does not read it; --as NAME@VERSION checks it as one";
  }
  try {
    parseIdentifier(identifier);
    return null;
  } catch (error) {
    if (!isLegolasError(error)) throw error;
    return error.message;
  }
}

/** Columns that rows do not have are loaded once, for the sake of their structure. */
async function checkUnread(source: string, { table }: Table, findings: Findings): Promise<void> {
  const weights = weightsColumnsOf(table.schema.fields);
  const unread = table.schema.fields.filter(({ name }) => table.unread.includes(name) && !isCompanion(name, weights));
  if (unread.length === 0) return;
  for (const field of unread)
    findings.note(`column "${field.name}" (${formatType(field)}): its structure was checked, its values were not`);
  await findings.try("structure", null, () => readTable(source, { validate: false }));
}

async function checkRow(table: Table, index: number, options: ValidateOptions, findings: Findings): Promise<void> {
  const handle = await findings.try("structure", index, () => table.row(index));
  if (!handle) return;
  findings.countMissing(handle.row, table.schemaVersion);
  const others = Object.values(handle.row).filter((value) => value instanceof LazyWeights);
  for (const weights of [handle.weights, ...others]) {
    if (weights?.checksums) await checkDigests(weights, index, options, findings);
  }
}

async function checkDigests(
  weights: LazyWeights,
  row: number,
  options: ValidateOptions,
  findings: Findings,
): Promise<void> {
  for (let i = 0; i < weights.length; i++) {
    options.signal.throwIfAborted();
    options.onProgress(`array ${i + 1} of ${weights.length}`);
    await findings.try("checksum", row, () => weights.read(i));
    findings.checksums += 1;
  }
}

/** Rows as their schema version reads them; where it has code, whole records. */
async function checkRecords(
  source: string,
  schemaVersion: AnySchemaVersion,
  { signal }: ValidateOptions,
  findings: Findings,
): Promise<void> {
  const table = await findings.try("value", null, () => openModelRows(source, schemaVersion, { signal }));
  if (!table) return;
  try {
    for (let row = 0; row < table.numRows; row++) {
      signal.throwIfAborted();
      if (findings.isFull) return;
      const handle = await findings.try("value", row, () => table.row(row));
      if (handle && hasCode(schemaVersion)) await findings.try("value", row, () => handle.record());
    }
  } finally {
    await table.close();
  }
}

function hasCode({ declaration, parent }: AnySchemaVersion): boolean {
  const own = Object.keys(declaration.assign).length + Object.keys(declaration.checks).length;
  return own > 0 || (parent !== null && hasCode(parent));
}
