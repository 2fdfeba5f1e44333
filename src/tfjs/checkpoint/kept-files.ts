/** The files of a run that stay, by how good they are. */
import { type Direction, isBetter } from "./monitor.ts";

/** A complete file. */
export interface KeptFile {
  readonly path: string;
  /** The monitored value, or null where there was none. */
  readonly score: number | null;
}

/** A file that is to be written, and the one that has to go for it. */
export interface Placement {
  readonly file: KeptFile;
  /** To be removed once the new file is durable; null where none has to go, or where the new one replaces it. */
  readonly removed: KeptFile | null;
  /** The files that stay, the new one included. */
  readonly kept: readonly KeptFile[];
}

/** All files, none, or the best k. */
export class KeptFiles {
  private files: readonly KeptFile[] = [];

  /** @param topK - How many stay; -1 is all. */
  constructor(
    private readonly topK: number,
    private readonly direction: Direction,
  ) {}

  /** The best file; of equals the oldest. Null where no file has a score. */
  get best(): KeptFile | null {
    return this.files.reduce<KeptFile | null>(
      (best, file) => (isBetter(file.score, best?.score ?? null, this.direction) ? file : best),
      null,
    );
  }

  /**
   * Where a model of a score goes, or null where it is not among those that stay.
   *
   * @param pathOf - The path with a version, `""` or `-v1`, `-v2`, ..., for names that a file which stays has already.
   */
  place(score: number | null, pathOf: (version: string) => string): Placement | null {
    if (this.topK === 0) return null;
    const worst = this.topK > 0 && this.files.length >= this.topK ? this.worst() : null;
    if (worst && !isBetter(score, worst.score, this.direction)) return null;
    const staying = this.files.filter((file) => file !== worst);
    const path = this.freePath(staying, pathOf);
    const file = { path, score };
    const kept = [...staying.filter((other) => other.path !== path), file];
    return { file, kept, removed: worst && worst.path !== path ? worst : null };
  }

  /** The new file is complete. */
  keep({ kept }: Placement): void {
    this.files = kept;
  }

  /** Of equals the newest. */
  private worst(): KeptFile | null {
    return this.files.reduce<KeptFile | null>(
      (worst, file) => (worst !== null && isBetter(file.score, worst.score, this.direction) ? worst : file),
      null,
    );
  }

  private freePath(staying: readonly KeptFile[], pathOf: (version: string) => string): string {
    const wanted = pathOf("");
    // Without ranking a path is simply overwritten; among the best k that would lose a file that is to stay.
    if (this.topK < 0) return wanted;
    const taken = new Set(staying.map(({ path }) => path));
    for (let version = 0; ; version++) {
      const path = version === 0 ? wanted : pathOf(`-v${version}`);
      if (!taken.has(path)) return path;
    }
  }
}
