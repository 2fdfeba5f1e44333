import type { JSX } from "preact";
import { escapeText } from "../../../src/inspection/escape-text.ts";
import { formatBytes, formatCount } from "../../../src/inspection/format-number.ts";
import type { FileSummary } from "../protocol.ts";
import { ScrollBox } from "./scroll-box.tsx";

/** What a file says of itself: size, schema with its ancestors, columns, metadata. */
export function FileFacts({ file }: { file: FileSummary }): JSX.Element {
  const { schema, provider, metadata, format, bytes } = file;
  return (
    <>
      <section class="facts">
        <dl>
          <dt>Size</dt>
          <dd>
            {formatBytes(bytes)} <span class="faint">({formatCount(bytes)} bytes)</span>
          </dd>
          <dt>Format</dt>
          <dd>{format}</dd>
          {format.startsWith("Arrow") && (
            <>
              <dt>Schema</dt>
              <dd>{schema ? <Lineage version={schema.version} ancestors={schema.ancestors} /> : "none recorded"}</dd>
            </>
          )}
          {provider !== null && (
            <>
              <dt>Provider</dt>
              <dd>{escapeText(provider)}</dd>
            </>
          )}
        </dl>
      </section>
      {metadata.length > 0 && (
        <section class="facts">
          <h2>Metadata</h2>
          <dl>
            {metadata.map(([key, value]) => (
              <Pair key={key} name={key} value={value} />
            ))}
          </dl>
        </section>
      )}
      {file.columns.length > 0 && <Columns file={file} />}
    </>
  );
}

function Lineage({ version, ancestors }: { version: string; ancestors: readonly string[] }): JSX.Element {
  return (
    <span class="lineage">
      <strong>{escapeText(version)}</strong>
      {ancestors.map((ancestor) => (
        <span key={ancestor}>
          <span class="faint"> extends </span>
          {escapeText(ancestor)}
        </span>
      ))}
    </span>
  );
}

function Pair({ name, value }: { name: string; value: string }): JSX.Element {
  return (
    <>
      <dt>{escapeText(name)}</dt>
      <dd class="long">{escapeText(value.length > 600 ? `${value.slice(0, 600)}…` : value)}</dd>
    </>
  );
}

function Columns({ file }: { file: FileSummary }): JSX.Element {
  return (
    <section class="columns">
      <h2>Columns</h2>
      <ScrollBox label="Columns">
        <table>
          <thead>
            <tr>
              <th scope="col">name</th>
              <th scope="col">value</th>
              <th scope="col">type</th>
            </tr>
          </thead>
          <tbody>
            {file.columns.map(({ name, type, value }) => (
              <tr key={name}>
                <th scope="row">{escapeText(name)}</th>
                <td class={value === null ? "faint" : ""}>{value ?? "not read"}</td>
                <td class="faint">{escapeText(type)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </section>
  );
}
