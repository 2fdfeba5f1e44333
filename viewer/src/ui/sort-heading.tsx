import type { ComponentChildren, JSX } from "preact";
import { chosenOrder, type SortOrder } from "./sort-order.ts";

interface Props {
  readonly column: string;
  readonly order: SortOrder;
  readonly onOrder: (order: SortOrder) => void;
  readonly isNumber?: boolean;
  readonly children: ComponentChildren;
}

/** The heading of a column; choosing it sorts by the column, choosing it again the other way round. */
export function SortHeading({ column, order, onOrder, isNumber = false, children }: Props): JSX.Element {
  const isOwn = order.column === column;
  const sort = isOwn ? (order.isDescending ? "descending" : "ascending") : undefined;
  return (
    <th scope="col" class={isNumber ? "number" : ""} {...(sort && { "aria-sort": sort })}>
      <button type="button" class="sort" onClick={() => onOrder(chosenOrder(order, column, isNumber))}>
        {children}
        <span aria-hidden="true">{isOwn ? (order.isDescending ? " ↓" : " ↑") : ""}</span>
      </button>
    </th>
  );
}
