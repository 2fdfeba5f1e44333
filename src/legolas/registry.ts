/** The schema versions declared in this process, shared by all loaded copies of this package. */
import type { AnySchemaVersion } from "./schema-version.ts";

const key: unique symbol = Symbol.for("legolas-flux.registry") as never;

/** Declared versions by `name@version`. */
export function registry(): Map<string, AnySchemaVersion> {
  const holder = globalThis as { [key]?: Map<string, AnySchemaVersion> };
  holder[key] ??= new Map();
  return holder[key];
}

/**
 * The version declared as `name@version` in this process.
 *
 * @param identifier - Of a longer one, `child@1>parent@1`, the first part counts.
 * @returns Undefined where it is not declared.
 */
export function lookup(identifier: string): AnySchemaVersion | undefined {
  return registry().get((String(identifier).split(">")[0] as string).trim());
}

/** Whether `name@version` is declared in this process. @param identifier - As for {@link lookup}. */
export function declared(identifier: string): boolean {
  return lookup(identifier) !== undefined;
}
