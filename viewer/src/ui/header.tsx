import type { JSX } from "preact";
import { escapeText } from "../../../src/inspection/escape-text.ts";
import { FilePicker } from "./file-picker.tsx";
import type { Navigation } from "./use-navigation.ts";

/** Where one is, and how to open something else. */
export function Header({ navigation }: { navigation: Navigation }): JSX.Element {
  const { screen, folder, show } = navigation;
  return (
    <header class="top">
      <nav aria-label="Where you are">
        <button type="button" class="brand" onClick={() => show({ kind: "start" })}>
          legolas-flux
        </button>
        {folder && screen.kind !== "runs" && (
          <button type="button" class="crumb" onClick={() => show(folder)}>
            {folder.sources.length} files
          </button>
        )}
        <h1>{titleOf(navigation)}</h1>
      </nav>
      {screen.kind !== "start" && <FilePicker label="Open…" onChoose={navigation.openSources} />}
    </header>
  );
}

function titleOf({ screen }: Navigation): string {
  if (screen.kind === "file") return escapeText(screen.file.name);
  if (screen.kind === "runs") return "Runs";
  return screen.kind === "comparison" ? "Comparison" : "Viewer";
}
