/** Who is at work in which tab, by locks that end with the tab. Source: https://www.w3.org/TR/web-locks/ */

/** Pages without https have none. */
const manager = (): LockManager | undefined => globalThis.navigator?.locks;

/** Holds a lock, together with any others who do, until the returned function is called. */
export async function holdLock(name: string): Promise<() => Promise<void>> {
  const locks = manager();
  if (!locks) return async () => {};
  return new Promise((resolve, reject) => {
    const untilReleased = (): Promise<void> =>
      new Promise((release) => {
        resolve(async () => {
          release();
          await ended;
        });
      });
    const ended = locks.request(name, { mode: "shared" }, untilReleased);
    ended.catch(reject);
  });
}

/** Runs if nobody holds the lock, and keeps others from it meanwhile. Without locks, runs if `guess` is true. */
export async function runIfUnheld(name: string, guess: boolean, run: () => Promise<void>): Promise<void> {
  const locks = manager();
  if (locks) await locks.request(name, { ifAvailable: true }, async (lock) => void (lock && (await run())));
  else if (guess) await run();
}
