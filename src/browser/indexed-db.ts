/** IndexedDB's events as promises. */

/** What a request gives. */
export function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Opens a database, made by `create` where there is none. */
export function openDatabase(name: string, create: (database: IDBDatabase) => void): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => create(request.result);
  return resultOf(request);
}

/**
 * Carries out a transaction, which is durable once the promise settles, or of no effect if it rejects.
 *
 * @param run - Awaits nothing but requests of the transaction, which ends as soon as nothing is asked of it.
 */
export async function transact<T>(
  database: IDBDatabase,
  mode: "readonly" | "readwrite",
  run: (transaction: IDBTransaction) => Promise<T>,
): Promise<T> {
  const durability = mode === "readwrite" ? "strict" : "default";
  const transaction = database.transaction([...database.objectStoreNames], mode, { durability });
  const complete = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException("it was interrupted", "AbortError"));
  });
  const running = run(transaction).catch((error: unknown) => {
    // Requests fail so where the transaction has failed, whose reason is yet to come.
    if (!(error instanceof DOMException && error.name === "AbortError")) abort(transaction);
    throw error;
  });
  const [ran, ended] = await Promise.allSettled([running, complete]);
  // A request that fails because the transaction did knows nothing of the reason.
  if (transaction.error) throw transaction.error;
  if (ran.status === "rejected") throw ran.reason;
  if (ended.status === "rejected") throw ended.reason;
  return ran.value;
}

function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch {
    // It has ended already.
  }
}
