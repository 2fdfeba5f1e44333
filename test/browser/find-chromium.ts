import { existsSync } from "node:fs";

const variable = "LEGOLAS_FLUX_CHROMIUM";
/** Where Debian's packages put them. */
const usualPaths = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];

const advice = `install chromium-headless-shell (apt-get install chromium-headless-shell), or name an executable in ${variable}`;

/**
 * The path of a Chromium, or null where there is none and nobody insists on one.
 *
 * @throws There is none, and `CI` or `LEGOLAS_FLUX_REQUIRE_BROWSER` is set, or the variable names a file that does not exist.
 */
export function findChromium(): string | null {
  const given = process.env[variable];
  if (given && !existsSync(given)) throw new Error(`${variable} is "${given}", which does not exist`);
  const found = given || usualPaths.find((path) => existsSync(path));
  if (found) return found;
  if (process.env.CI || process.env.LEGOLAS_FLUX_REQUIRE_BROWSER) throw new Error(`no Chromium found: ${advice}`);
  console.log(`test/browser is skipped, for no Chromium was found: ${advice}`);
  return null;
}
