import type { JSX } from "preact";
import { AddressForm } from "./address-form.tsx";
import { FilePicker } from "./file-picker.tsx";
import { KeptFiles } from "./kept-files.tsx";
import type { Navigation } from "./use-navigation.ts";

/** Nothing is open. */
export function StartView({ navigation }: { navigation: Navigation }): JSX.Element {
  const { openSources, openRow } = navigation;
  return (
    <div class="start">
      <section class="drop">
        <p class="lead">
          Drop a <code>.model.arrow</code> or <code>.safetensors</code> file here
        </p>
        <FilePicker label="Choose files…" isMain onChoose={openSources} />
        <p class="faint">Several files, or a folder, become a table of runs. Nothing leaves this computer.</p>
      </section>
      <AddressForm
        label="or open an address"
        action="Open"
        onAddress={(address) => openRow({ source: address, row: 0 })}
      />
      <KeptFiles navigation={navigation} />
      <p class="demo faint">
        No file at hand? <a href="digits.html">Draw a digit</a>, and a TensorFlow.js model tells which: its weights are
        one row of an Arrow table.
      </p>
    </div>
  );
}
