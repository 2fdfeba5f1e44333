import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useAppearance } from "./use-appearance.ts";

/** The page's colours, as a chart needs them. */
export interface ChartColours {
  readonly text: string;
  readonly grid: string;
  readonly accent: string;
  readonly fill: string;
}

export type ChartOptions = (colours: ChartColours, font: string) => Omit<uPlot.Options, "width" | "height">;

interface Props {
  /** In words, for those who do not see the chart. */
  readonly label: string;
  readonly data: uPlot.AlignedData;
  readonly options: ChartOptions;
  readonly height: number;
}

/** A chart as wide as the place it stands in. */
export function Chart({ label, data, options, height }: Props): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const appearance = useAppearance();
  // The colours that are read follow the appearance.
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const style = getComputedStyle(element);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const colours = {
      text: colour("--faint"),
      grid: colour("--line"),
      accent: colour("--accent"),
      fill: colour("--accent-fill"),
    };
    const chart = new uPlot(
      { ...options(colours, `11px ${style.fontFamily}`), width: element.clientWidth, height },
      data,
      element,
    );
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [data, options, height, appearance]);
  return <div class="chart" role="img" aria-label={label} ref={place} />;
}
