/** What the viewer's page may do: run its own scripts, decompress, and fetch files from the addresses that somebody opens. */
export const contentPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self' https: http:",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  // Not among those that the page itself states: browsers take this one from the header only.
  "frame-ancestors 'none'",
].join("; ");
