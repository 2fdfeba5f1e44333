/** A file: its metadata, its arrays, and the array that is chosen. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { formatBytes, formatCount, formatOf } from "../../../src/inspection/format-number.ts";
import type { ArrayPlace } from "../protocol.ts";
import { AddressForm } from "./address-form.tsx";
import { ArrayDetail } from "./array-detail.tsx";
import { ArrayTree } from "./array-tree.tsx";
import { FileFacts } from "./file-facts.tsx";
import { FilePicker } from "./file-picker.tsx";
import { KeepFile } from "./keep-file.tsx";
import type { FileScreen } from "./screens.ts";
import type { Chosen, Navigation } from "./use-navigation.ts";

interface Props {
  readonly screen: FileScreen;
  readonly navigation: Navigation;
}

export function FileView({ screen, navigation }: Props): JSX.Element {
  const { file, source } = screen;
  const [chosen, setChosen] = useState<ArrayPlace | null>(null);
  const detail = useRef<HTMLElement>(null);
  useEffect(() => {
    if (chosen && matchMedia("(max-width: 60rem)").matches) detail.current?.scrollIntoView();
  }, [chosen]);
  const entry = file.weights
    .find(([column]) => column === chosen?.column)?.[1]
    ?.list?.find(({ index }) => index === chosen?.index);
  const layout = file.weights.find(([column]) => column === chosen?.column)?.[1]?.layout ?? null;
  const own: Chosen = { source, row: file.row ?? 0 };
  return (
    <div class="file">
      <div class="side">
        <FileFacts file={file} />
        <KeepFile source={source} navigation={navigation} />
        <RowChoice screen={screen} navigation={navigation} />
        {file.weights.map(([column, weights]) => (
          <section key={column} class="weights">
            <h2>
              {column === "weights" || column === "tensors" ? "Arrays" : `Arrays in "${column}"`}
              <span class="faint">
                {weights
                  ? ` ${formatCount(weights.parameters)} parameters in ${formatOf(weights.arrays, "array")}, ${formatBytes(weights.memoryBytes)}`
                  : " missing"}
              </span>
            </h2>
            {weights?.list && weights.list.length > 0 && (
              <ArrayTree
                label={`Arrays in ${column}`}
                arrays={weights.list}
                chosen={chosen?.column === column ? chosen.index : null}
                onChoose={(index) => setChosen({ file: file.id, column, index })}
              />
            )}
          </section>
        ))}
        <CompareWith own={own} navigation={navigation} />
      </div>
      <section class="detail" ref={detail} aria-label="Chosen array">
        {chosen && entry ? (
          <ArrayDetail key={`${chosen.column} ${chosen.index}`} place={chosen} entry={entry} layout={layout} />
        ) : (
          <p class="faint hint">
            {file.weights.some(([, weights]) => weights && weights.arrays > 0)
              ? "Choose an array: only its elements are read."
              : "There are no arrays in this file."}
          </p>
        )}
      </section>
    </div>
  );
}

function RowChoice({ screen, navigation }: Props): JSX.Element | null {
  const { file, source } = screen;
  if (file.rowCount < 2) return null;
  const open = (event: Event): void => {
    const row = Number((event.currentTarget as HTMLInputElement).value);
    if (Number.isInteger(row) && row >= 0 && row < file.rowCount) void navigation.openRow({ source, row });
  };
  return (
    <p class="row-choice">
      <label>
        Row <input type="number" min={0} max={file.rowCount - 1} value={file.row ?? 0} onChange={open} />
      </label>{" "}
      <span class="faint">of {formatCount(file.rowCount)}, from 0</span>
    </p>
  );
}

function CompareWith({ own, navigation }: { own: Chosen; navigation: Navigation }): JSX.Element {
  const { compare } = navigation;
  return (
    <details class="compare-with">
      <summary>Compare with another checkpoint</summary>
      <FilePicker
        label="Choose a file…"
        onChoose={({ sources: [source] }) => source && compare(own, { source, row: 0 })}
      />
      <AddressForm label="or an address" action="Compare" onAddress={(source) => compare(own, { source, row: 0 })} />
    </details>
  );
}
