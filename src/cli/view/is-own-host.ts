/** Whether a Host header names the server on a port of this computer. Browsers leave out the port that HTTP has by itself, 80. */
export function isOwnHost(host: string | undefined, port: number | undefined): boolean {
  if (port === undefined) return false;
  return ["127.0.0.1", "localhost"].some((name) => {
    const own = `${name}:${port}`;
    return host === own || host === new URL(`http://${own}`).host;
  });
}
