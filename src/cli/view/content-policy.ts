/** What the viewer's page may do: run its own scripts, decompress, and fetch files from the addresses that somebody opens. */
export const contentPolicy = policyWith("connect-src 'self' https: http:", "worker-src 'self'");

/** The page for drawing digits fetches nothing but its own models, and has no worker. */
export const digitsPolicy = policyWith("connect-src 'self'");

function policyWith(...own: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' data:",
    ...own,
    "base-uri 'none'",
    "form-action 'none'",
    // Not among those that the pages themselves state: browsers take this one from the header only.
    "frame-ancestors 'none'",
  ].join("; ");
}
