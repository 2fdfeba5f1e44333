/**
 * How a file says which framework's order and axes its tensors follow.
 *
 * safetensors has no such mark. Python's libraries write the framework into `format`; where that does not say it, a key of our own does.
 */
import type { SafetensorsMetadata } from "./read-header.ts";

const layoutKey = "legolas-flux.layout";
const formatKey = "format";

/** The layout of files that do not say: no loader takes it for its own. */
const unknownLayout = "unknown";

/** The layout that the metadata of a file say. */
export function layoutOf(metadata: SafetensorsMetadata): string {
  return metadata[layoutKey] ?? formatLayout(metadata[formatKey]);
}

function formatLayout(format: string | undefined): string {
  return format === "pt" ? "torch" : (format ?? unknownLayout);
}

/** Metadata that say the layout: those given, and what they lack. */
export function withLayout(metadata: SafetensorsMetadata, layout: string): SafetensorsMetadata {
  const { [layoutKey]: _, ...others } = metadata;
  if (formatLayout(others[formatKey]) === layout) return others;
  // What transformers and others expect of a file by PyTorch.
  if (layout === "torch" && others[formatKey] === undefined) return { ...others, [formatKey]: "pt" };
  return { ...others, [layoutKey]: layout };
}
