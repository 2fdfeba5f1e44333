/** Paths where there is no file system: every use of one is an error that says what to do instead. */
import { InputError } from "../errors.ts";
import type { OpenForAppending } from "./appendable-file.ts";
import type { CreatePath, RemovePath } from "./byte-sink.ts";
import type { ListFolder, OpenPath, SiblingPath } from "./byte-source.ts";

function refuse(path: string | URL): never {
  throw new InputError({
    subject: `path "${path}"`,
    expected: "a URL, bytes or a Blob",
    found: "a path, which only Node can open",
    remedy: `In a browser, read an address (new URL("${path}", location.href)), a File or bytes; write to a store of legolas-flux/browser, with encodeModelRow or to a ByteSink`,
  });
}

export const openPath: OpenPath = async (path) => refuse(path);
export const createPath: CreatePath = async (path) => refuse(path);
export const removePath: RemovePath = async (path) => refuse(path);
export const openForAppending: OpenForAppending = async (path) => refuse(path);
export const listFolder: ListFolder = async (path) => refuse(path);
export const siblingPath: SiblingPath = (path) => refuse(path);
