/**
 * ZIP archives, read member by member.
 *
 * Idea: the library finds and inflates the members; what it takes on trust is checked here: no byte of the file belongs to two members, so that
 * what comes out is bounded by what DEFLATE can make of the file, no member is larger than that, and contents have their CRC-32.
 */
import { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import {
  type Entry,
  fromRandomAccessReaderPromise,
  getFileNameLowLevel,
  RandomAccessReader,
  type ZipFile,
} from "yauzl";
import { FormatError, isLegolasError } from "../../errors.ts";
import type { ByteSource } from "../../io/byte-source.ts";
import { formatValue } from "../../legolas/format-value.ts";
import { StreamReader } from "../stream-reader.ts";

export interface ZipMember {
  readonly name: string;
  /** Of the contents, in bytes. */
  readonly size: number;
  /** Gives the contents to a reader, all of which it has to take. */
  read<T>(take: (reader: StreamReader) => Promise<T>): Promise<T>;
}

export interface ZipArchive {
  /** In the order of the archive's directory. */
  readonly members: readonly ZipMember[];
  /** What stands at the end of the archive, for whoever made it. */
  readonly comment: Uint8Array;
}

const subject = "ZIP archive";
/** Bytes that DEFLATE can make of one. */
const maxExpansion = 1032;
const chunkBytes = 2 ** 18;

/** Opens an archive: reads its directory. @throws {FormatError} It is damaged, or none. */
export async function openZip(source: ByteSource): Promise<ZipArchive> {
  try {
    const zip = await fromRandomAccessReaderPromise(new SourceReader(source), source.size, {
      // The reader is closed by whoever opened the source.
      autoClose: false,
      decodeStrings: false,
    });
    const entries: Entry[] = [];
    for await (const entry of zip.eachEntry()) {
      entries.push(entry);
      checkCount(entries.length, source);
    }
    await checkDirectoryEnd(zip, source);
    checkRanges(entries, source.size);
    // Without decoded strings it is the bytes.
    const comment = zip.comment as unknown as Uint8Array;
    return { members: entries.map((entry) => memberOf(zip, entry, source)), comment };
  } catch (error) {
    throw zipError(error, subject);
  }
}

/** The fewest bytes that the directory has of a member. */
const entryBytes = 46;

function checkCount(count: number, { size }: ByteSource): void {
  if (count * entryBytes > size) throw damaged(subject, "members that have place in the file", `${count} of them`);
}

/** Behind the last entry stands the record of the end; where another entry does, the archive says that it has fewer than it has. */
async function checkDirectoryEnd(zip: ZipFile, source: ByteSource): Promise<void> {
  // A position, whatever the types of the library say.
  const position = zip.readEntryCursor as unknown as number;
  const signature = Buffer.from(await source.readAt(position, 4)).toString("latin1");
  if (signature === "PK\x05\x06" || signature === "PK\x06\x06") return;
  throw damaged(subject, `the end of the directory after ${zip.entryCount} members`, "more of it");
}

/** The ranges of compressed bytes must not overlap; a member stands behind its own header. */
function checkRanges(entries: readonly Entry[], size: number): void {
  const ordered = entries.toSorted((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  for (const [i, { relativeOffsetOfLocalHeader: start, compressedSize, uncompressedSize }] of ordered.entries()) {
    const end = ordered[i + 1]?.relativeOffsetOfLocalHeader ?? size;
    if (start + compressedSize >= end) {
      throw damaged(subject, "members that do not overlap", `one of ${compressedSize} bytes in ${end - start} bytes`);
    }
    if (uncompressedSize > compressedSize * maxExpansion) {
      throw damaged(
        subject,
        `at most ${maxExpansion} bytes for each compressed one`,
        `${uncompressedSize} for ${compressedSize}`,
      );
    }
  }
}

function memberOf(zip: ZipFile, entry: Entry, source: ByteSource): ZipMember {
  const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true);
  const label = `member ${formatValue(name)}`;
  const read = async <T>(take: (reader: StreamReader) => Promise<T>): Promise<T> => {
    let digest = 0;
    try {
      const stream = await zip.openReadStreamPromise(entry);
      const reader = new StreamReader(stream, source.location, label, (chunk) => {
        digest = crc32(chunk, digest);
      });
      try {
        const taken = await take(reader);
        await reader.end();
        if (digest !== entry.crc32) throw damaged(label, `the CRC-32 ${hex(entry.crc32)}`, hex(digest));
        return taken;
      } finally {
        await reader.close();
      }
    } catch (error) {
      throw zipError(error, label);
    }
  };
  return { name, size: entry.uncompressedSize, read };
}

function hex(digest: number): string {
  return digest.toString(16).padStart(8, "0");
}

const remedy = "The file is damaged or was cut off: fetch or write it again";

function damaged(what: string, expected: string, found: string): FormatError {
  return new FormatError({ subject: what, expected, found, remedy });
}

/** What the libraries say of archives that are not well-formed, as an error of our own. */
function zipError(error: unknown, what: string): unknown {
  if (isLegolasError(error) || !(error instanceof Error)) return error;
  return new FormatError({ subject: `${what}: ${error.message}`, remedy }, { cause: error });
}

/** Any source for the library. */
class SourceReader extends RandomAccessReader {
  constructor(private readonly source: ByteSource) {
    super();
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(chunksOf(this.source, start, end));
  }
}

async function* chunksOf(source: ByteSource, start: number, end: number): AsyncGenerator<Buffer> {
  if (!(end <= source.size))
    throw damaged(subject, `parts within its ${source.size} bytes`, `one that ends at byte ${end}`);
  for (let position = start; position < end; position += chunkBytes) {
    const bytes = await source.readAt(position, Math.min(chunkBytes, end - position));
    yield Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}
