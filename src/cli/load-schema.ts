/** Schema declarations from a JavaScript or TypeScript module, or from a description in JSON. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { SourceError } from "../index.ts";
import { type AnySchemaVersion, declareFromDescription, formatIdentifier, lookup } from "../legolas.ts";
import { UsageError } from "./exit-code.ts";

/**
 * Declares what a file holds.
 *
 * @returns The schema versions that the module exports, or the one that the description describes.
 * @throws {SourceError} The file cannot be read, is no JSON, or cannot be imported.
 * @throws {DeclarationError} The description breaks a rule.
 */
export async function loadSchema(path: string): Promise<AnySchemaVersion[]> {
  if (/\.json$/i.test(path)) return [declareFromDescription(await readJson(path))];
  const module = await importModule(path);
  const exported = Object.values(module).filter(isSchemaVersion);
  if (exported.length > 0) return [...new Set(exported)];
  const remedy = "Export what schema(name).version(...) returned";
  throw new SourceError(path, "importing", new Error("it exports no schema version"), remedy);
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new SourceError(path, "reading", cause, "Pass a description that `legolas-flux schema export` wrote");
  }
}

async function importModule(path: string): Promise<object> {
  try {
    return (await import(pathToFileURL(resolve(path)).href)) as object;
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : null;
    const remedy =
      code === "ERR_UNKNOWN_FILE_EXTENSION"
        ? `Node.js ${process.versions.node} does not strip types: use 22.18 or newer, pass compiled JavaScript, or a description that \`legolas-flux schema export\` wrote`
        : "The module must run by itself, and find legolas-flux where it is installed";
    throw new SourceError(path, "importing", cause, remedy);
  }
}

function isSchemaVersion(value: unknown): value is AnySchemaVersion {
  return typeof value === "function" && "identifier" in value && lookup(String(value.identifier)) === value;
}

/** The version that is asked for, or the only one. @throws {UsageError} There is no such version, or several. */
export function pickVersion(
  versions: readonly AnySchemaVersion[],
  wanted: string | undefined,
  option: string,
): AnySchemaVersion {
  const names = versions.map(formatIdentifier).join(", ");
  const found = wanted === undefined ? versions : versions.filter((version) => formatIdentifier(version) === wanted);
  const [only, ...more] = found;
  if (only && more.length === 0) return only;
  if (only) throw new UsageError(`it declares ${names}: choose one with ${option} name@version`);
  throw new UsageError(`${option} ${wanted}: there is no such schema version; declared are ${names}`);
}
