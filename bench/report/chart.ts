/** The ratios as bars, as SVG text that follows the reader's light or dark colours. */
import type { CaseResult, Row } from "../run-case.ts";
import type { RunResult } from "./run-result.ts";

const width = 760;
const labelWidth = 310;
const valueWidth = 90;
const rowHeight = 22;
const titleHeight = 34;
const top = 40;
const shown: readonly string[] = ["write", "read", "read-into"];

const style = `
    text { font: 13px system-ui, sans-serif; fill: #1f2328 }
    .title { font-weight: 600 }
    .small { font-size: 11px; fill: #59636e }
    .own { fill: #0969da }
    .other { fill: #afb8c1 }
    .raw { stroke: #1f2328; stroke-dasharray: 3 3 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .small { fill: #9198a1 }
      .own { fill: #4493f8 }
      .other { fill: #6e7681 }
      .raw { stroke: #e6edf3 }
    }`;

/** A bar for each operation that is compared with raw reads and writes. Lengths are linear, from 0. */
export function formatChart({ cases, mib }: RunResult): string {
  const groups = cases.filter(({ id }) => shown.includes(id)).map(comparedRows);
  const largest = Math.max(1, ...groups.flatMap(({ rows }) => rows.map(({ ratio }) => ratio ?? 0)));
  const scale = (width - labelWidth - valueWidth) / largest;
  const heights = groups.map(({ rows }) => titleHeight + rows.length * rowHeight);
  const parts = groups.map((group, i) => formatGroup(group, top + sum(heights.slice(0, i)), scale));
  const height = top + sum(heights) + 14;
  const line = labelWidth + scale;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="Time relative to raw reads and writes">
  <style>${style}
  </style>
  <text x="0" y="16" class="small">${mib} MiB of float32 in 200 arrays: time relative to plain system calls that move the same bytes; shorter is better</text>
  <text x="${line}" y="${top - 6}" class="small" text-anchor="middle">1 = raw</text>
${parts.join("\n")}
  <line x1="${line}" y1="${top}" x2="${line}" y2="${height - 8}" class="raw"/>
</svg>
`;
}

function comparedRows({ title, rows }: CaseResult): { title: string; rows: readonly Row[] } {
  return { title, rows: rows.filter(({ ratio, error }) => ratio !== null && error === null && Number.isFinite(ratio)) };
}

function formatGroup({ title, rows }: { title: string; rows: readonly Row[] }, y: number, scale: number): string {
  const bars = rows.map(({ name, ratio }, i) => {
    const rowTop = y + titleHeight + i * rowHeight;
    const length = ((ratio ?? 0) * scale).toFixed(1);
    const kind = name.startsWith("legolas-flux") ? "own" : "other";
    return [
      `  <text x="0" y="${rowTop + 13}">${escapeXml(name)}</text>`,
      `  <rect x="${labelWidth}" y="${rowTop + 2}" width="${length}" height="15" rx="2" class="${kind}"/>`,
      `  <text x="${labelWidth + Number(length) + 6}" y="${rowTop + 14}">${(ratio ?? 0).toFixed(2)}</text>`,
    ].join("\n");
  });
  return [`  <text x="0" y="${y + 22}" class="title">${escapeXml(title)}</text>`, ...bars].join("\n");
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function escapeXml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
}
