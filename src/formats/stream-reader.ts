/** The bytes of a stream, taken in the sizes that are needed. */
import { FormatError } from "../errors.ts";

/** Reads a stream once, in order. */
export class StreamReader {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private rest: Uint8Array = new Uint8Array(0);

  /**
   * @param location - Where the stream is from, for messages.
   * @param subject - What it holds.
   * @param onChunk - Called with each chunk as it arrives.
   */
  constructor(
    stream: AsyncIterable<Uint8Array>,
    readonly location: string,
    private readonly subject: string,
    private readonly onChunk: (chunk: Uint8Array) => void = () => {},
  ) {
    this.chunks = stream[Symbol.asyncIterator]();
  }

  /** The next bytes, in new memory. @throws {FormatError} The stream ends before. */
  async take(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    await this.fill(bytes);
    return bytes;
  }

  /** Fills memory with the next bytes. @throws {FormatError} The stream ends before. */
  async fill(target: Uint8Array): Promise<void> {
    let done = 0;
    while (done < target.length) {
      if (this.rest.length === 0 && !(await this.next())) {
        throw this.error(`${target.length - done} more bytes`, "the end");
      }
      const part = this.rest.subarray(0, target.length - done);
      target.set(part, done);
      this.rest = this.rest.subarray(part.length);
      done += part.length;
    }
  }

  /** @throws {FormatError} More bytes follow. */
  async end(): Promise<void> {
    while (this.rest.length === 0) if (!(await this.next())) return;
    throw this.error("its end", "more bytes");
  }

  /** Stops the stream. */
  async close(): Promise<void> {
    await this.chunks.return?.();
  }

  private async next(): Promise<boolean> {
    const { value, done } = await this.chunks.next();
    if (done) return false;
    this.onChunk(value);
    this.rest = value;
    return true;
  }

  private error(expected: string, found: string): FormatError {
    return new FormatError({ subject: this.subject, expected, found, remedy: "The file is damaged: write it again" });
  }
}
