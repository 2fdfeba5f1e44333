/** The page: what is open, and how one gets from one view to another. */
import { Component, type ComponentChildren, type JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Failure } from "../protocol.ts";
import { onWorkerFailure } from "../worker-client.ts";
import { ComparisonView } from "./comparison-view.tsx";
import { ErrorCard } from "./error-card.tsx";
import { FileView } from "./file-view.tsx";
import { Header } from "./header.tsx";
import { RunsView } from "./runs-view.tsx";
import { sourcesOfDrop, sourcesOfLocation } from "./sources.ts";
import { StartView } from "./start-view.tsx";
import { type Navigation, useNavigation } from "./use-navigation.ts";

export function App(): JSX.Element {
  const navigation = useNavigation();
  useDrops(navigation);
  const { openSources, fail } = navigation;
  useEffect(() => {
    const open = async (): Promise<void> => {
      try {
        const found = await sourcesOfLocation(location);
        if (found) await openSources(found);
      } catch (error) {
        fail({ subject: "This page's address cannot be opened", failure: failureOf(error) });
      }
    };
    void open();
    return onWorkerFailure((failure) => fail({ subject: "The viewer broke down", failure }));
  }, [openSources, fail]);
  return (
    <>
      <Header navigation={navigation} />
      <main aria-busy={navigation.busy !== null}>
        <p class="busy" role="status">
          {navigation.busy ?? ""}
        </p>
        {navigation.problem && <ErrorCard {...navigation.problem} onClose={() => fail(null)} />}
        <Boundary key={navigation.key}>
          <Screen navigation={navigation} />
        </Boundary>
      </main>
    </>
  );
}

function Screen({ navigation }: { navigation: Navigation }): JSX.Element | null {
  const { screen } = navigation;
  if (screen.kind === "file") return <FileView screen={screen} navigation={navigation} />;
  if (screen.kind === "runs") return <RunsView screen={screen} navigation={navigation} />;
  if (screen.kind === "comparison") return <ComparisonView screen={screen} navigation={navigation} />;
  return navigation.busy === null ? <StartView navigation={navigation} /> : null;
}

export function failureOf(error: unknown): Failure {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: "Error", message: String(error) };
}

/** Shows what a view could not do in the place of the view. */
class Boundary extends Component<{ children: ComponentChildren }, { failure: Failure | null }> {
  override state = { failure: null as Failure | null };

  override componentDidCatch(error: unknown): void {
    this.setState({ failure: failureOf(error) });
  }

  render(): ComponentChildren {
    const { failure } = this.state;
    return failure ? <ErrorCard subject="This cannot be shown" failure={failure} /> : this.props.children;
  }
}

function useDrops({ openSources, fail }: Navigation): void {
  useEffect(() => {
    const over = (event: DragEvent): void => {
      event.preventDefault();
      document.body.classList.toggle("dragging", event.type === "dragover");
    };
    const drop = async (event: DragEvent): Promise<void> => {
      over(event);
      try {
        if (event.dataTransfer) await openSources(await sourcesOfDrop(event.dataTransfer));
      } catch (error) {
        fail({ subject: "What was dropped cannot be opened", failure: failureOf(error) });
      }
    };
    const listeners = { dragover: over, dragleave: over, drop: (event: DragEvent) => void drop(event) };
    for (const [name, listener] of Object.entries(listeners)) addEventListener(name, listener as EventListener);
    return () => {
      for (const [name, listener] of Object.entries(listeners)) removeEventListener(name, listener as EventListener);
    };
  }, [openSources, fail]);
}
