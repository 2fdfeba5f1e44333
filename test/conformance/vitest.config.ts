/** `npm run conformance`: readers and writers that nobody here wrote, in Python and in Node. */
import { defineConfig, mergeConfig } from "vitest/config";
import base from "../../vitest.config.ts";

const { include: _, typecheck: __, reporters: ___, ...test } = base.test ?? {};

// biome-ignore lint/style/noDefaultExport: Vitest takes a configuration from there.
export default mergeConfig(
  { ...base, test },
  defineConfig({
    test: {
      include: ["test/conformance/**/*.conformance.ts"],
      globalSetup: "test/conformance/python-environment.ts",
      testTimeout: 120_000,
      hookTimeout: 120_000,
    },
  }),
);
