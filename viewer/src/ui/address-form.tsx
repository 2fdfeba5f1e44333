import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { checkedAddress } from "./sources.ts";

interface Props {
  readonly label: string;
  readonly action: string;
  readonly onAddress: (address: string) => unknown;
}

/** A field for an address. */
export function AddressForm({ label, action, onAddress }: Props): JSX.Element {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState("");
  const submit = (event: Event): void => {
    event.preventDefault();
    try {
      const address = checkedAddress(text);
      setProblem("");
      void onAddress(address);
    } catch (error) {
      setProblem(String((error as Error).message));
    }
  };
  return (
    <form class="address" onSubmit={submit} noValidate>
      <label>
        <span>{label}</span>
        <input
          type="url"
          value={text}
          placeholder="https://…/my_model.model.arrow"
          spellcheck={false}
          aria-invalid={problem !== ""}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <button type="submit">{action}</button>
      {problem !== "" && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}
