import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: "#crc32", replacement: at("./src/io/crc32-node.ts") },
      { find: "#paths", replacement: at("./src/io/paths-node.ts") },
      { find: /^legolas-flux$/, replacement: at("./src/index.ts") },
      { find: /^legolas-flux\/(browser|legolas|safetensors|tfjs)$/, replacement: `${at("./src")}/$1.ts` },
    ],
  },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    expect: { requireAssertions: true },
    // Half of a small machine would be idle otherwise.
    maxWorkers: "100%",
    // Machines may be busy; a test that hangs fails all the same.
    testTimeout: 30_000,
    reporters: process.env.CI ? ["default", ["json", { outputFile: "coverage/test-results.json" }]] : ["default"],
    typecheck: { include: ["src/**/*.test-d.ts", "test/**/*.test-d.ts"], checker: "tsc" },
  },
});
