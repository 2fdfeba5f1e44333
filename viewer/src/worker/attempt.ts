import { isLegolasError } from "legolas-flux";
import type { Outcome } from "../protocol.ts";

/** Runs what may fail; whatever is thrown becomes a failure that can be shown. */
export async function attempt<T>(run: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await run() };
  } catch (error) {
    return { ok: false, error: failureOf(error) };
  }
}

export function failureOf(error: unknown): { name: string; message: string } {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const cause = isLegolasError(error) || !(error.cause instanceof Error) ? "" : ` (${error.cause.message})`;
  return { name: error.name, message: error.message + cause };
}
