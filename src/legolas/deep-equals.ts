/** Equality of values by content. */

/** Whether two values are equal by content: Object.is for primitives, element by element for everything else. */
export function deepEquals(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Date) return Object.is(a.getTime(), (b as Date).getTime());
  if (a instanceof Map) return equalMaps(a, b as Map<unknown, unknown>);
  if (ArrayBuffer.isView(a)) return equalElements(a as never, b as never);
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every(
      (key) =>
        Object.hasOwn(b, key) && deepEquals((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
    )
  );
}

function equalMaps(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  const others = [...b];
  const hasEntry = ([key, value]: [unknown, unknown]): boolean =>
    b.has(key) ? deepEquals(value, b.get(key)) : others.some((other) => deepEquals([key, value], other));
  return a.size === b.size && [...a].every(hasEntry);
}

function equalElements(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
