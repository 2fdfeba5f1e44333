/** `npm run test:crash`: tests that kill processes and fill disks, too slow for `npm test`. */
import { defineConfig, mergeConfig } from "vitest/config";
import base from "../../vitest.config.ts";

const { include: _, typecheck: __, ...test } = base.test ?? {};

// biome-ignore lint/style/noDefaultExport: Vitest takes a configuration from there.
export default mergeConfig(
  { ...base, test },
  defineConfig({ test: { include: ["test/crash/**/*.crash.ts"], testTimeout: 300_000, fileParallelism: false } }),
);
