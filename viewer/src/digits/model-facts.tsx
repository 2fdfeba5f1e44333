import type { JSX } from "preact";
import { escapeText } from "../../../src/inspection/escape-text.ts";
import { formatBytes, formatCount, formatOf } from "../../../src/inspection/format-number.ts";
import { formatPercent } from "./probabilities.tsx";
import type { Model } from "./use-model.ts";
import { useTransfer } from "./use-transfer.ts";

/** Where the model comes from, and how good it is. */
export function ModelFacts({ model }: { model: Model }): JSX.Element {
  const { name, address, progress, classifier } = model;
  const transfer = useTransfer(model);
  const row = classifier?.row;
  return (
    <dl class="facts-list">
      <dt>file</dt>
      <dd>{address ? <a href={`./?url=${encodeURIComponent(address)}`}>{escapeText(name)}</a> : escapeText(name)}</dd>
      <dt>read</dt>
      <dd>
        {progress ? `${formatCount(progress.bytes)} of ${formatCount(progress.totalBytes)} bytes` : "–"}
        {transfer && (
          <span class="faint">
            , {formatCount(transfer.bytes)} transferred in {formatOf(transfer.requests, "request")}
          </span>
        )}
      </dd>
      {classifier && row && (
        <>
          <dt>schema</dt>
          <dd>{escapeText(classifier.schema).replaceAll(">", " extends ")}</dd>
          <dt>parameters</dt>
          <dd>
            {formatCount(classifier.parameters)}{" "}
            <span class="faint">({formatBytes(4 * classifier.parameters)} as float32)</span>
          </dd>
          <dt>epoch</dt>
          <dd>{row.epoch ?? "not recorded"}</dd>
          <dt>accuracy</dt>
          <dd>{row.accuracy === null ? "not recorded" : formatPercent(row.accuracy)}</dd>
          <dt>commit</dt>
          <dd>{row.commit_sha === null ? "not recorded" : escapeText(row.commit_sha)}</dd>
        </>
      )}
    </dl>
  );
}
