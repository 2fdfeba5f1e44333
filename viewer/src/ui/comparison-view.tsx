/** Two files side by side, array by array. */

import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { escapeText } from "../../../src/inspection/escape-text.ts";
import { formatCount, formatOf, formatStatistic } from "../../../src/inspection/format-number.ts";
import type { Comparison, PairRow } from "../protocol.ts";
import { PairDetail } from "./pair-detail.tsx";
import type { ComparisonScreen } from "./screens.ts";
import { ScrollBox } from "./scroll-box.tsx";
import { SortHeading } from "./sort-heading.tsx";
import { type SortOrder, sorted } from "./sort-order.ts";
import type { Navigation } from "./use-navigation.ts";

interface Props {
  readonly screen: ComparisonScreen;
  readonly navigation: Navigation;
}

type SortKey = (pair: PairRow) => string | number | null;

const keys: Readonly<Record<string, SortKey>> = {
  name: ({ name }) => name,
  status: ({ status }) => status,
  max: ({ difference }) => difference?.max ?? null,
  mean: ({ difference }) => difference?.mean ?? null,
  differing: (pair) => shareOf(pair),
};

export function ComparisonView({ screen }: Props): JSX.Element {
  const { a, b, comparison } = screen;
  const [order, setOrder] = useState<SortOrder>({ column: "max", isDescending: true });
  const [chosen, setChosen] = useState<PairRow | null>(null);
  const detail = useRef<HTMLElement>(null);
  useEffect(() => {
    if (chosen) detail.current?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  const pairs = useMemo(
    () => sorted(comparison.pairs, keys[order.column] ?? (() => null), order.isDescending),
    [comparison, order],
  );
  return (
    <div class="comparison">
      <dl class="sides">
        <dt>A</dt>
        <dd>{escapeText(a.name)}</dd>
        <dt>B</dt>
        <dd>{escapeText(b.name)}</dd>
      </dl>
      <p class="summary">{summaryOf(comparison)}</p>
      <ColumnDifferences comparison={comparison} />
      <PairTable {...{ pairs, order, setOrder, chosen, setChosen }} />
      <section ref={detail} aria-label="Chosen pair of arrays">
        {chosen?.a && chosen.b && chosen.status !== "resized" && (
          <PairDetail key={`${chosen.a.column} ${chosen.a.index}`} name={chosen.name} a={chosen.a} b={chosen.b} />
        )}
      </section>
    </div>
  );
}

function summaryOf({ pairs, matchedBy }: Comparison): string {
  const counts = new Map<string, number>();
  for (const { status } of pairs) counts.set(status, (counts.get(status) ?? 0) + 1);
  const parts = [...counts].map(([status, count]) => `${formatCount(count)} ${status}`);
  return `${formatOf(pairs.length, "array")}, matched by ${matchedBy}: ${parts.join(", ") || "none"}.`;
}

function ColumnDifferences({ comparison }: { comparison: Comparison }): JSX.Element | null {
  const differing = comparison.columns.filter(({ a, b }) => a !== b);
  if (differing.length === 0) return null;
  return (
    <ScrollBox label="Columns that differ">
      <table>
        <thead>
          <tr>
            <th scope="col">column</th>
            <th scope="col">A</th>
            <th scope="col">B</th>
          </tr>
        </thead>
        <tbody>
          {differing.map(({ name, a, b }) => (
            <tr key={name}>
              <th scope="row">{escapeText(name)}</th>
              <td>{a ?? "–"}</td>
              <td>{b ?? "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

interface TableProps {
  readonly pairs: readonly PairRow[];
  readonly order: SortOrder;
  readonly setOrder: (order: SortOrder) => void;
  readonly chosen: PairRow | null;
  readonly setChosen: (pair: PairRow) => void;
}

function PairTable({ pairs, order, setOrder, chosen, setChosen }: TableProps): JSX.Element {
  const heading = (column: string, text: string, isNumber = false): JSX.Element => (
    <SortHeading column={column} order={order} onOrder={setOrder} isNumber={isNumber}>
      {text}
    </SortHeading>
  );
  return (
    <ScrollBox label="Arrays" class="pairs">
      <table>
        <thead>
          <tr>
            {heading("name", "array")}
            <th scope="col">shape</th>
            {heading("status", "status")}
            {heading("max", "max |B − A|", true)}
            {heading("mean", "mean |B − A|", true)}
            {heading("differing", "differing", true)}
          </tr>
        </thead>
        <tbody>
          {pairs.map((pair) => (
            <PairLine
              key={`${pair.a?.column ?? ""} ${pair.a?.index ?? ""} ${pair.b?.column ?? ""} ${pair.b?.index ?? ""}`}
              pair={pair}
              isChosen={pair === chosen}
              onChoose={() => setChosen(pair)}
            />
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

const statusClass: Readonly<Record<PairRow["status"], string>> = {
  same: "faint",
  changed: "",
  resized: "bad",
  "only in A": "bad",
  "only in B": "bad",
};

interface LineProps {
  readonly pair: PairRow;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}

function PairLine({ pair, isChosen, onChoose }: LineProps): JSX.Element {
  const { name, status, difference, sampled } = pair;
  const canBeShown = pair.a !== null && pair.b !== null && status !== "resized";
  return (
    <tr class={isChosen ? "chosen" : ""}>
      <th scope="row">
        {canBeShown ? (
          <button type="button" class="link" aria-pressed={isChosen} onClick={onChoose}>
            {escapeText(name)}
          </button>
        ) : (
          escapeText(name)
        )}
      </th>
      <td class="faint">{shapesOf(pair)}</td>
      <td class={statusClass[status]}>{status}</td>
      <td class="number">{difference ? formatStatistic(difference.max) : ""}</td>
      <td class="number">{difference ? formatStatistic(difference.mean) : ""}</td>
      <td class="number">
        {difference ? `${percent(shareOf(pair) ?? 0)}` : ""}
        {sampled !== null && <span class="faint"> of {formatCount(sampled)} sampled</span>}
      </td>
    </tr>
  );
}

function shapesOf({ shapeA, shapeB }: PairRow): string {
  const shapes = [shapeA, shapeB].filter((shape) => shape !== null).map((shape) => `[${shape.join(", ")}]`);
  return [...new Set(shapes)].join(" → ");
}

function shareOf({ difference, shapeA, sampled }: PairRow): number | null {
  if (!difference) return null;
  const elements = sampled ?? (shapeA ?? []).reduce((total, length) => total * length, 1);
  return elements === 0 ? 0 : difference.differing / elements;
}

function percent(share: number): string {
  return share === 0 || share === 1 ? `${share * 100} %` : `${(share * 100).toPrecision(3)} %`;
}
