/** A script that is no module, bundled by esbuild without any option: reads a compressed row at an address. */
import { readModelRow } from "legolas-flux";

Object.assign(globalThis, {
  countArrays: async (address: string): Promise<number | undefined> => (await readModelRow(address)).weights?.length,
});
