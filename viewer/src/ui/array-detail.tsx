/** An array: statistics, histogram, picture. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { escapeText } from "../../../src/inspection/escape-text.ts";
import { formatBytes, formatCount, formatOf } from "../../../src/inspection/format-number.ts";
import type { ArrayReport } from "../../../src/inspection/weights-report.ts";
import type { ArrayPlace, ArrayView, Outcome, PictureKind } from "../protocol.ts";
import { outcomeOf, worker } from "../worker-client.ts";
import { ErrorCard } from "./error-card.tsx";
import { Histogram } from "./histogram.tsx";
import { KindChoice } from "./kind-choice.tsx";
import { PictureCanvas } from "./picture-canvas.tsx";
import { Statistics } from "./statistics.tsx";

interface Props {
  readonly place: ArrayPlace;
  readonly entry: ArrayReport;
  readonly layout: string | null;
}

export function ArrayDetail({ place, entry, layout }: Props): JSX.Element {
  const [kind, setKind] = useState<PictureKind | null>(null);
  const [outcome, setOutcome] = useState<Outcome<ArrayView> | null>(null);
  useEffect(() => {
    let isCurrent = true;
    const read = async (): Promise<void> => {
      const result = await outcomeOf(worker.view(place, kind));
      if (isCurrent) setOutcome(result);
    };
    void read();
    return () => {
      isCurrent = false;
    };
  }, [place, kind]);
  return (
    <>
      <h2 class="array-name">{escapeText(entry.name ?? `array ${entry.index}`)}</h2>
      <Facts entry={entry} layout={layout} />
      {outcome === null && <p class="faint">Reading {formatBytes(entry.bytes)}…</p>}
      {outcome?.ok === false && <ErrorCard subject="The array cannot be read" failure={outcome.error} />}
      {outcome?.ok && <View view={outcome.value} onKind={setKind} />}
    </>
  );
}

function Facts({ entry, layout }: Pick<Props, "entry" | "layout">): JSX.Element {
  const { type, storedType, shape, size, bytes } = entry;
  const elements = size.reduce((total, length) => total * length, 1);
  return (
    <p class="array-facts">
      {type === storedType ? type : `${type} (as ${storedType})`} · {formatOf(elements, "element")} ·{" "}
      {formatBytes(bytes)}
      <br />
      <span class="faint">
        {shape.length > 1
          ? `Row-major shape [${shape.join(", ")}], last axis fastest; in Julia the size (${size.join(", ")}), first axis fastest.`
          : `Shape [${shape.join(", ")}].`}{" "}
        {layout === null ? "Layout not marked, which means Flux's." : `Layout ${escapeText(layout)}.`}
      </span>
    </p>
  );
}

function View({ view, onKind }: { view: ArrayView; onKind: (kind: PictureKind) => void }): JSX.Element {
  const { picture, kinds, statistics, read, elements, pieces } = view;
  return (
    <>
      {read < elements && (
        <p class="sampled">
          Sampled: {formatCount(read)} of {formatCount(elements)} elements, in {formatCount(pieces)} pieces spread
          evenly. Everything below is of these.
        </p>
      )}
      <Statistics statistics={statistics} elements={read} />
      <Histogram statistics={statistics} />
      {picture && (
        <section class="picture">
          <h3>{picture.kind === "matrix" ? "Heat map" : "Kernels"}</h3>
          <KindChoice kinds={kinds} kind={picture.kind} onKind={onKind} />
          <PictureCanvas picture={picture} label="" />
        </section>
      )}
    </>
  );
}
