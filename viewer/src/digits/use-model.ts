/** The model that answers. */
import type { Progress } from "legolas-flux";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Failure } from "../protocol.ts";
import { failureOf } from "../worker/attempt.ts";
import type { Classifier } from "./classifier.ts";

export interface Model {
  readonly name: string;
  /** Null where it is a file of this computer. */
  readonly address: string | null;
  readonly progress: Progress | null;
  /** When reading began, in the page's time. */
  readonly since: number;
  /** Null until it is read, and where it cannot be. */
  readonly classifier: Classifier | null;
  readonly failure: Failure | null;
}

/** The address of the demo's own model, beside the page. */
const ownAddress = (): string => new URL("demo.digits.model.arrow", location.href).href;

/** The demo's own model, or a file that is opened in its place. */
export function useModel(): { readonly model: Model; open(file: File | null): void } {
  const [model, setModel] = useState<Model>(() => unread(null));
  const latest = useRef(0);
  const open = useCallback(async (file: File | null): Promise<void> => {
    latest.current += 1;
    const own = latest.current;
    const change = (of: (before: Model) => Model): void =>
      setModel((before) => (own === latest.current ? of(before) : before));
    setModel(unread(file));
    try {
      const { openClassifier } = await import("./classifier.ts");
      const classifier = await openClassifier(file ?? ownAddress(), (progress) =>
        change((before) => ({ ...before, progress })),
      );
      if (own !== latest.current) classifier.dispose();
      else change((before) => ({ ...before, classifier }));
    } catch (error) {
      change((before) => ({ ...before, failure: failureOf(error) }));
    }
  }, []);
  useEffect(() => void open(null), [open]);
  useEffect(() => () => model.classifier?.dispose(), [model.classifier]);
  return { model, open };
}

function unread(file: File | null): Model {
  const address = file ? null : ownAddress();
  const name = file?.name ?? "demo.digits.model.arrow";
  return { name, address, progress: null, since: performance.now(), classifier: null, failure: null };
}
