import { useEffect, useState } from "preact/hooks";
import type { Appearance } from "../protocol.ts";

const dark = matchMedia("(prefers-color-scheme: dark)");
const current = (): Appearance => (dark.matches ? "dark" : "light");

/** How the system shows pages, as it changes. */
export function useAppearance(): Appearance {
  const [appearance, setAppearance] = useState(current);
  useEffect(() => {
    const update = (): void => setAppearance(current());
    dark.addEventListener("change", update);
    return () => dark.removeEventListener("change", update);
  }, []);
  return appearance;
}
