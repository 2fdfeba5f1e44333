/** `npm run conformance:torch`: PyTorch with weights of ours, and ours with PyTorch's. */
import { defineConfig, mergeConfig } from "vitest/config";
import base from "../../../vitest.config.ts";

const { include: _, typecheck: __, reporters: ___, ...test } = base.test ?? {};

// biome-ignore lint/style/noDefaultExport: Vitest takes a configuration from there.
export default mergeConfig(
  { ...base, test },
  defineConfig({
    test: {
      include: ["test/conformance/torch/*.torch.ts"],
      globalSetup: "test/conformance/torch/torch-environment.ts",
      testTimeout: 120_000,
      hookTimeout: 120_000,
    },
  }),
);
