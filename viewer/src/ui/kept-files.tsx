import type { JSX } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { escapeText } from "../../../src/inspection/escape-text.ts";
import { formatBytes, formatOf } from "../../../src/inspection/format-number.ts";
import type { Failure, KeptFile } from "../protocol.ts";
import { outcomeOf, worker } from "../worker-client.ts";
import { ScrollBox } from "./scroll-box.tsx";
import type { Navigation } from "./use-navigation.ts";

/** The files that this browser keeps; nothing where it keeps none. */
export function KeptFiles({ navigation }: { navigation: Navigation }): JSX.Element | null {
  const [files, setFiles] = useState<readonly KeptFile[]>([]);
  const [failure, setFailure] = useState<Failure | null>(null);
  const list = useCallback(async (): Promise<void> => {
    const listed = await outcomeOf(worker.listKept());
    // A browser that keeps nothing for pages is told of when somebody wants to keep something.
    if (listed.ok) setFiles(listed.value);
  }, []);
  useEffect(() => void list(), [list]);
  const remove = async (name: string): Promise<void> => {
    const removed = await outcomeOf(worker.removeKept(name));
    setFailure(removed.ok ? null : removed.error);
    await list();
  };
  const openAll = (): Promise<void> =>
    navigation.openSources({ sources: files.map(({ name }) => ({ kept: name })), isFolder: true });
  return (
    <>
      {failure && (
        <p class="faint" role="alert">
          {escapeText(failure.message)}
        </p>
      )}
      {files.length > 0 && (
        <section class="kept">
          <div class="bar">
            <h2>Kept in this browser</h2>
            <span class="faint">
              {formatOf(files.length, "file")}, {formatBytes(files.reduce((sum, { size }) => sum + size, 0))}
            </span>
            {files.length > 1 && (
              <button type="button" class="link" onClick={() => void openAll()}>
                show as a table of runs
              </button>
            )}
          </div>
          <KeptList
            files={files}
            onOpen={(name) => void navigation.openRow({ source: { kept: name }, row: 0 })}
            onRemove={(name) => void remove(name)}
          />
        </section>
      )}
    </>
  );
}

interface ListProps {
  readonly files: readonly KeptFile[];
  readonly onOpen: (name: string) => void;
  readonly onRemove: (name: string) => void;
}

function KeptList({ files, onOpen, onRemove }: ListProps): JSX.Element {
  return (
    <ScrollBox label="Kept in this browser">
      <ul>
        {files.map(({ name, size, modified }) => (
          <li key={name}>
            <button type="button" class="link" onClick={() => onOpen(name)}>
              {escapeText(name)}
            </button>
            <span>{formatBytes(size)}</span>
            <span class="faint">{formatWhen(modified)}</span>
            <button type="button" class="link" aria-label={`Remove ${escapeText(name)}`} onClick={() => onRemove(name)}>
              remove
            </button>
          </li>
        ))}
      </ul>
    </ScrollBox>
  );
}

/** `24 Nov 2026, 14:05`. */
export function formatWhen(milliseconds: number): string {
  return new Date(milliseconds).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}
