import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { layersPage } from "../../scripts/layers-page.ts";

it("docs/layers.md says what the entries of the layers say", async () => {
  await expect(layersPage()).toMatchFileSnapshot(fileURLToPath(new URL("../../docs/layers.md", import.meta.url)));
});
