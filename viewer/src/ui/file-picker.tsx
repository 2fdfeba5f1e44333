import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { Sources } from "./sources.ts";

interface Props {
  readonly label: string;
  readonly isMain?: boolean;
  readonly onChoose: (sources: Sources) => unknown;
}

/** A button that lets one choose files. */
export function FilePicker({ label, isMain = false, onChoose }: Props): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const choose = (): void => {
    const files = [...(input.current?.files ?? [])];
    if (input.current) input.current.value = "";
    if (files.length > 0) void onChoose({ sources: files, isFolder: files.length > 1 });
  };
  return (
    <>
      <button type="button" class={isMain ? "main" : ""} onClick={() => input.current?.click()}>
        {label}
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={label}
        accept=".arrow,.safetensors"
        onChange={choose}
      />
    </>
  );
}
