/**
 * An array of what a function gives for each index, from 0. `Array.from` takes five times as long, and files may hold tens of thousands of
 * arrays.
 */
export function tabulate<T>(length: number, at: (index: number) => T): T[] {
  const list: T[] = [];
  for (let i = 0; i < length; i++) list.push(at(i));
  return list;
}
