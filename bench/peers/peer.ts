import type { Prepared } from "../measure.ts";
import type { ModelShape } from "../model.ts";

/** Another way to keep the same arrays in a file. */
export interface Peer {
  /** Writes the model durably, as an atomic save does. */
  write(path: string, shape: ModelShape): Promise<Prepared>;
  /** Reads what `write` wrote into new memory. */
  read(path: string, shape: ModelShape): Promise<Prepared>;
}
