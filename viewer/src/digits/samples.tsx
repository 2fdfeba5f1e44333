import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Failure } from "../protocol.ts";
import { ErrorCard } from "../ui/error-card.tsx";
import { failureOf } from "../worker/attempt.ts";
import { DigitImage } from "./digit-image.tsx";
import { loadSamples, type Sample } from "./load-samples.ts";

interface Props {
  readonly chosen: Sample | null;
  readonly onChoose: (sample: Sample) => void;
}

const shownAtOnce = 10;

/** Images to choose in the place of drawing, also by keyboard. */
export function Samples({ chosen, onChoose }: Props): JSX.Element | null {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [first, setFirst] = useState(0);
  useEffect(() => {
    loadSamples().then(setSamples, (error: unknown) => setFailure(failureOf(error)));
  }, []);
  if (failure) return <ErrorCard subject="The test images cannot be read" failure={failure} />;
  return (
    <section class="samples" aria-label="Test images">
      <p class="bar">
        <span>or choose a test image of MNIST</span>
        <button
          type="button"
          class="link"
          disabled={samples.length === 0}
          onClick={() => setFirst((first + shownAtOnce) % samples.length)}
        >
          others
        </button>
      </p>
      <div class="sample-list">
        {samples.slice(first, first + shownAtOnce).map((sample) => (
          <button
            key={sample.label}
            type="button"
            aria-label={`Test image of ${sample.label}`}
            aria-pressed={sample === chosen}
            onClick={() => onChoose(sample)}
          >
            <DigitImage pixels={sample.pixels} />
          </button>
        ))}
      </div>
    </section>
  );
}
