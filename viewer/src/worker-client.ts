/** The worker as the page calls it. */
import { proxy, type Remote, wrap } from "comlink";
import type { Failure, Outcome, ViewerWorker } from "./protocol.ts";

const thread = new Worker(new URL("./worker/worker.ts", import.meta.url), { type: "module" });

export const worker: Remote<ViewerWorker> = wrap<ViewerWorker>(thread);

/** A function that the worker may call. */
export const callback = <F extends (...given: never[]) => void>(run: F): F => proxy(run);

/** Calls back where the worker cannot be loaded or breaks down. */
export function onWorkerFailure(report: (failure: Failure) => void): () => void {
  const listener = (event: ErrorEvent): void => {
    event.preventDefault();
    report({
      name: "WorkerError",
      message: event.message || "The part of the viewer that reads files could not be loaded",
    });
  };
  thread.addEventListener("error", listener);
  return () => thread.removeEventListener("error", listener);
}

/** A call whose own failure, such as a message that cannot be sent, is an outcome, too. */
export async function outcomeOf<T>(call: Promise<Outcome<T>>): Promise<Outcome<T>> {
  try {
    return await call;
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return { ok: false, error: { name, message } };
  }
}
