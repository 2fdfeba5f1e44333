/** The page: a pad, what the model says of what is on it, and which model it is. */
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { indexOfMax } from "../../../examples/digits/draw-digit.ts";
import { ErrorCard } from "../ui/error-card.tsx";
import { FilePicker } from "../ui/file-picker.tsx";
import { DigitImage } from "./digit-image.tsx";
import { type Drawing, emptyDrawing, imageOf, isEmpty, withoutLastStroke } from "./drawing.ts";
import { ModelFacts } from "./model-facts.tsx";
import { Pad } from "./pad.tsx";
import { formatPercent, Probabilities } from "./probabilities.tsx";
import { Samples } from "./samples.tsx";
import { type Model, useModel } from "./use-model.ts";

export function DigitsPage(): JSX.Element {
  const { model, open } = useModel();
  const [drawing, setDrawing] = useState<Drawing>(emptyDrawing);
  const [isPenDown, setPenDown] = useState(false);
  const image = useMemo(() => imageOf(drawing), [drawing]);
  const probabilities = useMemo(
    () => (image && model.classifier ? model.classifier.classify(image) : null),
    [image, model.classifier],
  );
  const isStrokes = drawing.kind === "strokes" && !isEmpty(drawing);
  return (
    <>
      <header class="top">
        <nav aria-label="Where you are">
          <a class="brand" href="./">
            legolas-flux
          </a>
          <h1>Draw a digit</h1>
        </nav>
      </header>
      <main class="digits">
        <section class="drawing" aria-label="Drawing">
          <Pad drawing={drawing} onDraw={setDrawing} onPen={setPenDown} />
          <p class="bar">
            <button type="button" disabled={isEmpty(drawing)} onClick={() => setDrawing(emptyDrawing)}>
              Clear
            </button>
            <button type="button" disabled={!isStrokes} onClick={() => setDrawing(withoutLastStroke)}>
              Undo stroke
            </button>
          </p>
        </section>
        <Samples
          chosen={drawing.kind === "sample" ? drawing.sample : null}
          onChoose={(sample) => setDrawing({ kind: "sample", sample })}
        />
        <section class="answer" aria-label="Answer">
          <Answer probabilities={probabilities} image={image} isPenDown={isPenDown} model={model} />
          <Probabilities values={probabilities} />
        </section>
        <section class="model" aria-label="Model">
          {model.failure && <ErrorCard subject={`${model.name} cannot be used`} failure={model.failure} />}
          <h2>The model</h2>
          <ModelFacts model={model} />
          <p class="bar">
            <FilePicker
              label="Use a digits.model file of your own…"
              onChoose={({ sources: [source] }) => source instanceof File && open(source)}
            />
            {model.address === null && (
              <button type="button" onClick={() => open(null)}>
                Back to the first model
              </button>
            )}
          </p>
          <p class="faint">
            {model.address !== null && "Trained on MNIST by this project's example. "}
            The weights are one row of an Arrow table; TensorFlow.js computes in this page. Nothing that is drawn, and
            no file, leaves this computer.
          </p>
        </section>
      </main>
    </>
  );
}

interface AnswerProps {
  readonly probabilities: Float32Array | null;
  readonly image: Float32Array | null;
  readonly isPenDown: boolean;
  readonly model: Model;
}

/** The likeliest digit, beside what the model sees. Said aloud once the pen is up. */
function Answer({ probabilities, image, isPenDown, model }: AnswerProps): JSX.Element {
  const digit = probabilities && indexOfMax(probabilities);
  const percent = probabilities && formatPercent(probabilities[digit ?? 0] ?? 0);
  return (
    <div class="verdict">
      <p class="digit" aria-hidden="true">
        {digit ?? ""}
      </p>
      <div>
        <p class="unseen" role="status">
          {digit !== null && !isPenDown ? `This is a ${digit}, ${percent}` : ""}
        </p>
        <p class="how-likely">{percent ?? (image ? waiting(model) : <span class="faint">no drawing yet</span>)}</p>
      </div>
      <figure>
        <DigitImage
          pixels={image}
          label={image ? "What the model sees, 28 × 28 pixels" : "Nothing for the model to see yet"}
        />
        <figcaption class="faint">what the model sees</figcaption>
      </figure>
    </div>
  );
}

function waiting({ failure }: Model): JSX.Element {
  return <span class="faint">{failure ? "there is no model" : "the model is being read…"}</span>;
}
