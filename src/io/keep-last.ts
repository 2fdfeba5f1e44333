/** What a function gave for the key that it was last called with, so that neighbours share it. A failure is not kept. */
export function keepLast<T>(make: (key: number) => Promise<T>): (key: number) => Promise<T> {
  let last: { readonly key: number; readonly made: Promise<T> } | null = null;
  return (key) => {
    if (last?.key === key) return last.made;
    const made = make(key);
    const own = { key, made };
    last = own;
    made.catch(() => {
      if (last === own) last = null;
    });
    return made;
  };
}
