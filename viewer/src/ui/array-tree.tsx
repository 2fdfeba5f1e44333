/** The arrays of a file as a tree of their names, searchable, by mouse and by keyboard. */
import type { JSX } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import { type TreeLine, treeLines } from "../../../src/inspection/array-tree.ts";
import { formatBytes, formatOf } from "../../../src/inspection/format-number.ts";
import type { ArrayReport } from "../../../src/inspection/weights-report.ts";

interface Props {
  readonly label: string;
  readonly arrays: readonly ArrayReport[];
  /** Index of the array that is shown, or null. */
  readonly chosen: number | null;
  readonly onChoose: (index: number) => void;
}

interface Line extends TreeLine {
  readonly key: string;
}

/** Groups of more arrays are closed at first. */
const openAtFirst = 400;
/** More lines would make the page slow. */
const maxLines = 1500;

export function ArrayTree({ label, arrays, chosen, onChoose }: Props): JSX.Element {
  const [query, setQuery] = useState("");
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const isSearching = query.trim() !== "";
  const found = useMemo(() => (isSearching ? search(arrays, query) : arrays), [arrays, query, isSearching]);
  const lines = useMemo(() => withKeys(treeLines(found, Number.POSITIVE_INFINITY)), [found]);
  const startsClosed = !isSearching && arrays.length > openAtFirst;
  const isOpen = (key: string): boolean => isSearching || toggled.has(key) === startsClosed;
  const visible = visibleLines(lines, isOpen);
  const toggle = (key: string): void => {
    const next = new Set(toggled);
    if (!next.delete(key)) next.add(key);
    setToggled(next);
  };
  return (
    <>
      <input
        class="search"
        type="search"
        placeholder="Search names, types, shapes"
        aria-label={`Search ${label}`}
        value={query}
        onInput={(event) => setQuery(event.currentTarget.value)}
      />
      {isSearching && <p class="faint found">{formatOf(found.length, "array")} found</p>}
      <Tree label={label} lines={visible.slice(0, maxLines)} {...{ isOpen, toggle, chosen, onChoose }} />
      {visible.length > maxLines && (
        <p class="faint">{formatOf(visible.length - maxLines, "more line")} not shown: search, or close groups</p>
      )}
    </>
  );
}

function search(arrays: readonly ArrayReport[], query: string): ArrayReport[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return arrays.filter(({ index, name, type, shape }) => {
    const text = `${name ?? `array ${index}`} ${type} [${shape.join(", ")}] ${shape.join("×")}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function withKeys(lines: readonly TreeLine[]): Line[] {
  return lines.map((line) => ({
    ...line,
    key: `${line.depth} ${line.arrays[0]?.index} ${line.array ? "array" : "group"}`,
  }));
}

function visibleLines(lines: readonly Line[], isOpen: (key: string) => boolean): Line[] {
  let closedAt = Number.POSITIVE_INFINITY;
  return lines.filter((line) => {
    if (line.depth > closedAt) return false;
    closedAt = line.array === null && !isOpen(line.key) ? line.depth : Number.POSITIVE_INFINITY;
    return true;
  });
}

interface TreeProps extends Pick<Props, "label" | "chosen" | "onChoose"> {
  readonly lines: readonly Line[];
  readonly isOpen: (key: string) => boolean;
  readonly toggle: (key: string) => void;
}

function Tree({ label, lines, isOpen, toggle, chosen, onChoose }: TreeProps): JSX.Element | null {
  const [focused, setFocused] = useState<string | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const act = (line: Line): void => (line.array ? onChoose(line.array.index) : toggle(line.key));
  const at = Math.max(
    0,
    lines.findIndex(({ key }) => key === focused),
  );
  const focus = (index: number): void => {
    const next = lines[index];
    if (!next) return;
    setFocused(next.key);
    (list.current?.children[index] as HTMLElement | undefined)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const line = lines[at];
    if (!line || event.ctrlKey || event.metaKey || event.altKey) return;
    const parent = lines.findLastIndex(({ depth }, i) => i < at && depth < line.depth);
    const isClosed = line.array === null && !isOpen(line.key);
    const moves: Readonly<Record<string, () => void>> = {
      ArrowDown: () => focus(at + 1),
      ArrowUp: () => focus(at - 1),
      Home: () => focus(0),
      End: () => focus(lines.length - 1),
      ArrowRight: () => (isClosed ? toggle(line.key) : line.array === null && focus(at + 1)),
      ArrowLeft: () => (line.array === null && !isClosed ? toggle(line.key) : focus(parent)),
      Enter: () => act(line),
      " ": () => act(line),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  };
  if (lines.length === 0) return null;
  return (
    <div class="tree" role="tree" aria-label={label} ref={list} onKeyDown={onKeyDown}>
      {lines.map((line, i) => (
        <TreeItem
          key={line.key}
          line={line}
          isOpen={isOpen(line.key)}
          isChosen={line.array !== null && line.array.index === chosen}
          isStop={i === at}
          onAct={() => {
            setFocused(line.key);
            act(line);
          }}
        />
      ))}
    </div>
  );
}

interface ItemProps {
  readonly line: Line;
  readonly isOpen: boolean;
  readonly isChosen: boolean;
  /** Whether Tab comes to it. */
  readonly isStop: boolean;
  readonly onAct: () => void;
}

function TreeItem({ line, isOpen, isChosen, isStop, onAct }: ItemProps): JSX.Element {
  const { array, arrays, depth, label } = line;
  const bytes = arrays.reduce((sum, each) => sum + each.bytes, 0);
  const name = array && array.name === null ? `array ${array.index}` : label || '""';
  const own = array ? { "aria-selected": isChosen } : { "aria-expanded": isOpen };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the keys of all its items
    <div role="treeitem" aria-level={depth + 1} tabIndex={isStop ? 0 : -1} onClick={onAct} {...own}>
      <span class="name" style={{ paddingInlineStart: `${depth * 0.9}rem` }}>
        <span class="twist" aria-hidden="true">
          {array ? "" : isOpen ? "▾" : "▸"}
        </span>
        {name}
      </span>
      {array ? (
        <span class="shape">
          {array.type} [{array.shape.join(", ")}]
        </span>
      ) : (
        <span class="shape faint">{formatOf(arrays.length, "array")}</span>
      )}
      <span class="bytes faint">{formatBytes(bytes)}</span>
    </div>
  );
}
