import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { escapeText } from "../../../src/inspection/escape-text.ts";
import type { ArrayPlace, ArrayView, Outcome, PairView, PictureKind } from "../protocol.ts";
import { outcomeOf, worker } from "../worker-client.ts";
import { ErrorCard } from "./error-card.tsx";
import { Histogram } from "./histogram.tsx";
import { KindChoice } from "./kind-choice.tsx";
import { PictureCanvas } from "./picture-canvas.tsx";
import { Statistics } from "./statistics.tsx";

interface Props {
  readonly name: string;
  readonly a: ArrayPlace;
  readonly b: ArrayPlace;
}

/** Both arrays of a pair side by side, and their difference. */
export function PairDetail({ name, a, b }: Props): JSX.Element {
  const [kind, setKind] = useState<PictureKind | null>(null);
  const [outcome, setOutcome] = useState<Outcome<PairView> | null>(null);
  useEffect(() => {
    let isCurrent = true;
    const read = async (): Promise<void> => {
      const result = await outcomeOf(worker.viewPair(a, b, kind));
      if (isCurrent) setOutcome(result);
    };
    void read();
    return () => {
      isCurrent = false;
    };
  }, [a, b, kind]);
  if (outcome === null) return <p class="faint">Reading both arrays…</p>;
  if (!outcome.ok) return <ErrorCard subject="The arrays cannot be read" failure={outcome.error} />;
  const { value } = outcome;
  return (
    <>
      <h2 class="array-name">{escapeText(name)}</h2>
      {value.a.picture && <KindChoice kinds={value.a.kinds} kind={value.a.picture.kind} onKind={setKind} />}
      <div class="pair">
        <Side label="A" view={value.a} />
        <Side label="B" view={value.b} />
        {value.difference && (
          <section>
            <h3>B − A</h3>
            <PictureCanvas picture={value.difference} label="B − A" />
          </section>
        )}
      </div>
    </>
  );
}

function Side({ label, view }: { label: string; view: ArrayView }): JSX.Element {
  return (
    <section>
      <h3>{label}</h3>
      <Statistics statistics={view.statistics} elements={view.read} />
      <Histogram statistics={view.statistics} />
      {view.picture && <PictureCanvas picture={view.picture} label={label} />}
    </section>
  );
}
