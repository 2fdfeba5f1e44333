/** A folder as a table of runs, and a chart of one of their columns. */

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { escapeText } from "../../../src/inspection/escape-text.ts";
import { formatOf } from "../../../src/inspection/format-number.ts";
import type { Run, Runs } from "../protocol.ts";
import { ErrorCard } from "./error-card.tsx";
import { RunsChart } from "./runs-chart.tsx";
import type { RunsScreen } from "./screens.ts";
import { ScrollBox } from "./scroll-box.tsx";
import { SortHeading } from "./sort-heading.tsx";
import { type SortOrder, sorted } from "./sort-order.ts";
import type { Chosen, Navigation } from "./use-navigation.ts";

interface Props {
  readonly screen: RunsScreen;
  readonly navigation: Navigation;
}

/** The column of names, which no column of a file can be called. */
const nameColumn = "\0name";
const maxShown = 2000;

export function RunsView({ screen, navigation }: Props): JSX.Element {
  const { runs, sources } = screen;
  const [order, setOrder] = useState<SortOrder>({ column: nameColumn, isDescending: false });
  const [marked, setMarked] = useState<readonly Run[]>([]);
  const rows = useMemo(
    () =>
      sorted(
        runs.runs,
        (run) => (order.column === nameColumn ? run.name : keyOf(run, order.column)),
        order.isDescending,
      ),
    [runs, order],
  );
  const chosenOf = (run: Run): Chosen => ({ source: sources[run.source] ?? "", row: run.row });
  const toggle = (run: Run): void =>
    // Two at most: a third takes the place of the older one.
    setMarked(marked.includes(run) ? marked.filter((each) => each !== run) : [...marked, run].slice(-2));
  const [a, b] = marked;
  return (
    <div class="runs">
      {runs.failures.map(({ name, error }) => (
        <ErrorCard key={name} subject={`${name} cannot be read`} failure={error} />
      ))}
      {runs.runs.length === 0 ? (
        <p class="faint">There is no .arrow or .safetensors file here that can be read.</p>
      ) : (
        <>
          <RunsChart runs={runs} />
          <div class="bar">
            <h2>{formatOf(runs.runs.length, "run")}</h2>
            <button
              type="button"
              disabled={!a || !b}
              onClick={() => a && b && void navigation.compare(chosenOf(a), chosenOf(b))}
            >
              Compare two
            </button>
            {!b && <span class="faint">mark two runs to compare them</span>}
          </div>
          <RunsTable
            {...{ runs, rows: rows.slice(0, maxShown), order, setOrder, marked, toggle }}
            onOpen={(run) => void navigation.openRow(chosenOf(run))}
          />
          {rows.length > maxShown && <p class="faint">{formatOf(rows.length - maxShown, "more run")} not shown</p>}
        </>
      )}
    </div>
  );
}

function keyOf(run: Run, column: string): string | number | null {
  const value = run.values[column];
  return value ? (value.number ?? value.text) : null;
}

interface TableProps {
  readonly runs: Runs;
  readonly rows: readonly Run[];
  readonly order: SortOrder;
  readonly setOrder: (order: SortOrder) => void;
  readonly marked: readonly Run[];
  readonly toggle: (run: Run) => void;
  readonly onOpen: (run: Run) => void;
}

function RunsTable({ runs, rows, order, setOrder, marked, toggle, onOpen }: TableProps): JSX.Element {
  const isNumber = (column: string): boolean => runs.runs.some(({ values }) => values[column]?.number != null);
  const hasRows = runs.runs.some(({ row }) => row > 0);
  return (
    <ScrollBox label="Runs">
      <table>
        <thead>
          <tr>
            <th scope="col">
              <span class="unseen">mark</span>
            </th>
            <SortHeading column={nameColumn} order={order} onOrder={setOrder}>
              file
            </SortHeading>
            {runs.columns.map((column) => (
              <SortHeading key={column} column={column} order={order} onOrder={setOrder} isNumber={isNumber(column)}>
                {escapeText(column)}
              </SortHeading>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((run) => {
            const name = escapeText(hasRows ? `${run.name} row ${run.row}` : run.name);
            return (
              <tr key={`${run.source} ${run.row}`} class={marked.includes(run) ? "chosen" : ""}>
                <td>
                  <input
                    type="checkbox"
                    aria-label={`Mark ${name}`}
                    checked={marked.includes(run)}
                    onChange={() => toggle(run)}
                  />
                </td>
                <th scope="row">
                  <button type="button" class="link" onClick={() => onOpen(run)}>
                    {name}
                  </button>
                </th>
                {runs.columns.map((column) => (
                  <td key={column} class={isNumber(column) ? "number" : ""}>
                    {run.values[column]?.text ?? ""}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </ScrollBox>
  );
}
