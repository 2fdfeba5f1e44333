import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { formatBytes } from "../../../src/inspection/format-number.ts";
import { nameOf } from "../name-of.ts";
import type { Failure, FileSource, KeptFile } from "../protocol.ts";
import { callback, outcomeOf, worker } from "../worker-client.ts";
import { formatWhen } from "./kept-files.tsx";
import type { Navigation } from "./use-navigation.ts";

interface Props {
  readonly source: FileSource;
  readonly navigation: Navigation;
}

type State =
  | { readonly kind: "idle" | "kept" }
  | { readonly kind: "keeping"; readonly bytes: number; readonly totalBytes: number };

/** Keeps the file that is open in this browser, or says that it is kept. */
export function KeepFile({ source, navigation }: Props): JSX.Element {
  if (typeof source === "object" && "kept" in source) return <p class="keep faint">Kept in this browser.</p>;
  return <KeepButton source={source} navigation={navigation} />;
}

function KeepButton({ source, navigation }: { source: File | string; navigation: Navigation }): JSX.Element {
  const [state, setState] = useState<State>({ kind: "idle" });
  const namesake = useNamesake(nameOf(source));
  const keep = async (): Promise<void> => {
    navigation.fail(null);
    setState({ kind: "keeping", bytes: 0, totalBytes: 0 });
    // So that the browser does not drop it when its disk is full; it may refuse, and keeps the file all the same.
    void navigator.storage?.persist?.().catch(() => {});
    const onProgress = callback(({ bytes, totalBytes }: { bytes: number; totalBytes: number }) =>
      setState((before) => (before.kind === "keeping" ? { kind: "keeping", bytes, totalBytes } : before)),
    );
    const outcome = await outcomeOf(worker.keep(source, onProgress));
    setState({ kind: outcome.ok ? "kept" : "idle" });
    if (!outcome.ok) navigation.fail({ subject: subjectOf(nameOf(source), outcome.error), failure: outcome.error });
  };
  return (
    <div class="keep">
      {state.kind === "idle" && (
        <button type="button" onClick={() => void keep()}>
          Keep in this browser
        </button>
      )}
      {state.kind === "idle" && namesake && (
        <span class="faint">
          in the place of the file of this name ({formatBytes(namesake.size)}, {formatWhen(namesake.modified)})
        </span>
      )}
      {state.kind === "keeping" && (
        <label>
          Keeping{state.bytes > 0 ? `: ${formatBytes(state.bytes)} of ${formatBytes(state.totalBytes)}` : "…"}{" "}
          <progress max={Math.max(1, state.totalBytes)} value={state.bytes} />
        </label>
      )}
      <span role="status">{state.kind === "kept" ? "Kept in this browser: the start page lists it." : ""}</span>
    </div>
  );
}

function subjectOf(name: string, { name: kind }: Failure): string {
  const isFull = kind === "StorageQuotaError";
  return `${name} could not be kept${isFull ? ": there is no room. Remove what is kept, on the start page" : ""}`;
}

/** The file of a name that is kept already; null where there is none. */
function useNamesake(name: string): KeptFile | null {
  const [namesake, setNamesake] = useState<KeptFile | null>(null);
  useEffect(() => {
    const find = async (): Promise<void> => {
      const listed = await outcomeOf(worker.listKept());
      setNamesake((listed.ok && listed.value.find((file) => file.name === name)) || null);
    };
    void find();
  }, [name]);
  return namesake;
}
