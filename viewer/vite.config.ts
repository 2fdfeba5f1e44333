/** `npm run build:viewer`: the viewer as static files in dist/viewer. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const alias = [
  { find: "#crc32", replacement: at("../src/io/crc32-portable.ts") },
  { find: "#paths", replacement: at("../src/io/paths-none.ts") },
  { find: /^legolas-flux$/, replacement: at("../src/index.ts") },
  { find: /^legolas-flux\/(browser|legolas|safetensors|tfjs)$/, replacement: `${at("../src")}/$1.ts` },
  { find: /^@tensorflow\/tfjs$/, replacement: at("src/digits/tfjs.ts") },
];

export default defineConfig({
  root: at("."),
  // Relative addresses: the page stands wherever somebody puts it.
  base: "./",
  resolve: { alias },
  worker: { format: "es", rolldownOptions: { output: { keepNames: true } } },
  build: {
    outDir: at("../dist/viewer"),
    emptyOutDir: true,
    target: "es2023",
    // Nothing inlined: the policy of the page forbids it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // TensorFlow.js, on the page for drawing digits only.
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      input: [at("index.html"), at("digits.html")],
      // Errors show the names of their classes.
      output: { keepNames: true },
    },
  },
});
