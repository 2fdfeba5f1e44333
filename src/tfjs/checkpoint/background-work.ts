/** Work that goes on while something else does, one piece at a time, whose failure waits until somebody asks. */
export class BackgroundWork {
  private running: Promise<void> | null = null;
  private failure: { readonly error: unknown } | null = null;

  get isRunning(): boolean {
    return this.running !== null;
  }

  /** Whether a failure waits to be thrown by {@link finish}. */
  get hasFailed(): boolean {
    return this.failure !== null;
  }

  /** Starts a piece of work; what ran before must have ended. */
  start(work: () => Promise<void>): void {
    this.running = work()
      .catch((error: unknown) => this.fail(error))
      .finally(() => {
        this.running = null;
      });
  }

  /** Keeps an error for {@link finish}; the first one stays. */
  fail(error: unknown): void {
    this.failure ??= { error };
  }

  /** Waits until nothing runs; never throws. */
  async settle(): Promise<void> {
    await this.running;
  }

  /** Waits until nothing runs, and throws the failure there was, once. */
  async finish(): Promise<void> {
    await this.settle();
    const { failure } = this;
    this.failure = null;
    if (failure) throw failure.error;
  }
}
