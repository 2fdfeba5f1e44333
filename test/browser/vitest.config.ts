/** `npm run test:browser`: tests in a real browser, skipped where there is none. */
import { defineConfig, mergeConfig } from "vitest/config";
import base from "../../vitest.config.ts";
import { findChromium } from "./find-chromium.ts";

const { include: _, typecheck: __, reporters: ___, ...test } = base.test ?? {};
const report = { outputFile: "coverage/browser-test-results.json" };
const hasChromium = findChromium() !== null;

// biome-ignore lint/style/noDefaultExport: Vitest takes a configuration from there.
export default mergeConfig(
  { ...base, test },
  defineConfig({
    test: {
      include: hasChromium ? ["test/browser/**/*.browser.ts"] : [],
      passWithNoTests: !hasChromium,
      globalSetup: hasChromium ? ["test/browser/bundle-pages.ts"] : [],
      reporters: process.env.CI ? ["default", ["json", report]] : ["default"],
      testTimeout: 60_000,
      hookTimeout: 60_000,
      fileParallelism: false,
    },
  }),
);
