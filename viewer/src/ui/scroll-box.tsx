import type { ComponentChildren, JSX } from "preact";

interface Props {
  readonly label: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** What may be larger than its place, scrolled by keys too. */
export function ScrollBox({ label, class: name = "", children }: Props): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it, keys cannot scroll it in every browser
    <section class={`scroll ${name}`.trim()} aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
