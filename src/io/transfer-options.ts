/** How far a transfer is. */
export interface Progress {
  /** Bytes written, or read from the source, so far. */
  readonly bytes: number;
  /**
   * Bytes to be written in all, as far as is known: where rows are made one by one, up to the end of the present one. Of what is read, the size of the source,
   * or what was read so far where a server does not tell it.
   */
  readonly totalBytes: number;
}

/** What stops a transfer. */
export interface TransferOptions {
  /** Stops the transfer when it aborts: its reason is thrown, and a target stays as it was. */
  readonly signal?: AbortSignal | undefined;
}

/** What reading and writing verbs take beside what is read or written. */
export interface ProgressOptions extends TransferOptions {
  /**
   * Called after each piece that was written or read, of an address as it arrives (of shards after each read). Reading need not come to the end of the source: padding and, of lazy
   * weights, what nobody asks for are left out. What it throws ends the transfer.
   */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}
