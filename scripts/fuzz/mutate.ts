/**
 * How a file is damaged.
 *
 * Idea: a mutation is drawn from a seed and the mutant's number alone. Most aim at metadata and at numbers that say how long something
 * is or where it stands; the rest fall anywhere, as they do on disks and in networks.
 */
import type { Places, Span } from "./places.ts";
import type { Random } from "./random.ts";
import type { Subject } from "./subjects.ts";

/** A damaged file and what was done to it. */
export interface Mutant {
  readonly subject: Subject;
  readonly bytes: Uint8Array;
  /** The mutator's name; "several" where more than one was at work. */
  readonly mutator: string;
  readonly how: readonly string[];
}

interface Change {
  readonly bytes: Uint8Array;
  readonly how: string;
}

interface Context {
  readonly bytes: Uint8Array;
  /** Where things stand in the original; after the first of several changes they may have moved. */
  readonly places: Places;
  readonly random: Random;
  readonly subjects: readonly Subject[];
}

type Mutator = (context: Context) => Change | null;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** Somewhere with room for so many bytes, at a multiple of `alignment`. */
function somewhere({ bytes, places, random }: Context, width: number, alignment: number): number | null {
  const span = random.chance(0.6)
    ? random.pick(places.metadata)
    : random.chance(0.5) && places.buffers.length > 0
      ? random.pick(places.buffers)
      : { start: 0, end: bytes.length };
  const at = random.between(span.start, Math.max(span.start, span.end - width));
  const aligned = at - (at % alignment);
  return aligned + width <= bytes.length ? aligned : null;
}

/** A copy with other bytes at a position. */
function overwritten(bytes: Uint8Array, at: number, part: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy.set(part.subarray(0, Math.max(0, bytes.length - at)), at);
  return copy;
}

/** A copy in which a span is replaced, whatever the lengths. */
function spliced(bytes: Uint8Array, { start, end }: Span, ...parts: readonly Uint8Array[]): Uint8Array {
  const all = [bytes.subarray(0, start), ...parts, bytes.subarray(end)];
  const copy = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of all) {
    copy.set(part, at);
    at += part.length;
  }
  return copy;
}

const bitFlip: Mutator = (context) => {
  const copy = context.bytes.slice();
  const bits = Array.from({ length: context.random.chance(0.6) ? 1 : context.random.between(2, 8) }, () => {
    const at = somewhere(context, 1, 1) ?? 0;
    const bit = context.random.below(8);
    copy[at] = (copy[at] ?? 0) ^ (1 << bit);
    return `${at}.${bit}`;
  });
  return { bytes: copy, how: `flipped bits ${bits.join(" ")}` };
};

const byteSet: Mutator = (context) => {
  const copy = context.bytes.slice();
  const at = somewhere(context, 1, 1);
  if (at === null) return null;
  copy[at] = context.random.pick([0, 1, 2, 4, 127, 128, 255, context.random.below(256)]);
  return { bytes: copy, how: `byte ${at} set to ${copy[at]}` };
};

const truncate: Mutator = ({ bytes, places, random }) => {
  const edges = [...places.messages, ...places.bodies, ...places.buffers].flatMap(({ start, end }) => [start, end]);
  const length = random.chance(0.5) ? random.below(bytes.length) : random.pick(edges);
  return { bytes: bytes.slice(0, length), how: `cut off after ${length} bytes` };
};

/** Bytes from anywhere: this file, another one, or nowhere. */
function someBytes({ bytes, random, subjects }: Context, most: number): Uint8Array {
  const length = random.between(1, most);
  if (random.chance(0.3)) return Uint8Array.from({ length }, () => random.below(256));
  const source = random.chance(0.5) ? bytes : random.pick(subjects).bytes;
  const start = random.below(source.length);
  return source.subarray(start, start + length);
}

const insert: Mutator = (context) => {
  const at = somewhere(context, 0, context.random.pick([1, 4, 8])) ?? 0;
  const part = someBytes(context, context.random.pick([8, 64]));
  return {
    bytes: spliced(context.bytes, { start: at, end: at }, part),
    how: `${part.length} bytes inserted at ${at}`,
  };
};

const remove: Mutator = (context) => {
  const alignment = context.random.pick([1, 4, 8]);
  const at = somewhere(context, 0, alignment) ?? 0;
  const end = at + alignment * context.random.between(1, 16);
  return { bytes: spliced(context.bytes, { start: at, end }), how: `bytes ${at} to ${end} removed` };
};

const splice: Mutator = (context) => {
  const at = somewhere(context, 0, context.random.pick([1, 2, 4, 8]));
  if (at === null) return null;
  const part = someBytes(context, context.random.pick([4, 16, 64]));
  return { bytes: overwritten(context.bytes, at, part), how: `${part.length} bytes written over ${at}` };
};

const swapWords: Mutator = (context) => {
  const width = context.random.pick([8, 8, 4, 2]);
  const a = somewhere(context, width, width);
  const b = somewhere(context, width, width);
  if (a === null || b === null || a === b) return null;
  const copy = overwritten(context.bytes, a, context.bytes.subarray(b, b + width));
  copy.set(context.bytes.subarray(a, a + width), b);
  return { bytes: copy, how: `words of ${width} bytes at ${a} and ${b} swapped` };
};

const numbers: readonly bigint[] = [
  ...[0n, 1n, -1n, 2n, 3n, 4n, 7n, 8n, 9n, 15n, 16n, 64n, 255n, 256n, 65_535n, 65_536n, 65_537n, 1_000_000n],
  ...[31n, 32n, 53n, 62n, 63n].flatMap((power) => [2n ** power - 1n, 2n ** power, -(2n ** power)]),
];

const spliceLength: Mutator = (context) => {
  const { bytes, places, random } = context;
  const wide = random.chance(0.5);
  const known = wide ? places.lengths64 : places.lengths32;
  const width = wide ? 8 : 4;
  const at =
    random.chance(0.5) && known.length > 0 ? random.pick(known) : somewhere(context, width, random.pick([4, 8]));
  if (at === null || at + width > bytes.length) return null;
  const copy = bytes.slice();
  const before = wide ? viewOf(bytes).getBigInt64(at, true) : BigInt(viewOf(bytes).getInt32(at, true));
  const near = [before - 1n, before + 1n, before * 2n, before + 8n, before - 8n, before / 2n, before << 8n];
  const value = random.chance(0.5) ? random.pick(numbers) : random.pick(near);
  if (wide) viewOf(copy).setBigInt64(at, BigInt.asIntN(64, value), true);
  else viewOf(copy).setInt32(at, Number(BigInt.asIntN(32, value)), true);
  return { bytes: copy, how: `int${8 * width} at ${at} set from ${before} to ${value}` };
};

/** Exchanges where two nodes or buffers are said to stand. */
const swapRegions: Mutator = ({ bytes, places, random }) => {
  if (places.pairs.length < 2) return null;
  const [a, b] = [random.pick(places.pairs), random.pick(places.pairs)];
  if (a === b || Math.max(a, b) + 16 > bytes.length) return null;
  const copy = overwritten(bytes, a, bytes.subarray(b, b + 16));
  copy.set(bytes.subarray(a, a + 16), b);
  return { bytes: copy, how: `nodes or buffers at ${a} and ${b} swapped` };
};

/** Exchanges the content of two buffers as far as both reach. */
const swapBuffers: Mutator = ({ bytes, places, random }) => {
  if (places.buffers.length < 2) return null;
  const [a, b] = [random.pick(places.buffers), random.pick(places.buffers)];
  const length = Math.min(a.end - a.start, b.end - b.start);
  if (a === b || Math.max(a.end, b.end) > bytes.length) return null;
  const copy = overwritten(bytes, a.start, bytes.subarray(b.start, b.start + length));
  copy.set(bytes.subarray(a.start, a.start + length), b.start);
  return { bytes: copy, how: `${length} bytes of the buffers at ${a.start} and ${b.start} swapped` };
};

const swapTexts: Mutator = ({ bytes, places, random, subjects }) => {
  if (places.texts.length === 0) return null;
  const at = random.pick(places.texts);
  const source = random.chance(0.7) ? { bytes, places } : random.pick(subjects);
  if (source.places.texts.length === 0) return null;
  const from = random.pick(source.places.texts);
  if (at + 4 > bytes.length || from + 4 > source.bytes.length) return null;
  const room = viewOf(bytes).getUint32(at, true);
  const length = viewOf(source.bytes).getUint32(from, true);
  if (length > room || from + 4 + length > source.bytes.length) return null;
  const copy = overwritten(bytes, at, source.bytes.subarray(from, from + 4 + length));
  copy.fill(0, at + 4 + length, at + 4 + room);
  return {
    bytes: copy,
    how: `text at ${at} replaced by "${new TextDecoder().decode(copy.subarray(at + 4, at + 4 + length))}"`,
  };
};

/** The messages alone: a stream whatever it was, so that no footer contradicts what is done to them. */
function toStream({ bytes, places }: Pick<Context, "bytes" | "places">): Uint8Array[] {
  return places.messages.map(({ start, end }) => bytes.subarray(start, end));
}

const rearrange: Mutator = ({ bytes, places, random, subjects }) => {
  const messages = toStream({ bytes, places });
  const at = random.below(messages.length);
  const to = random.below(messages.length + 1);
  const kind = random.pick(["duplicated", "removed", "moved", "taken from another file"] as const);
  if (kind === "duplicated") messages.splice(to, 0, messages[at] as Uint8Array);
  else if (kind === "removed") messages.splice(at, 1);
  else if (kind === "moved") messages.splice(to, 0, ...messages.splice(at, 1));
  else messages.splice(to, 0, random.pick(toStream(random.pick(subjects))));
  const how = `message ${at} ${kind}, to ${to}`;
  if (places.format === "stream" || random.chance(0.7)) {
    return { bytes: spliced(new Uint8Array(0), { start: 0, end: 0 }, ...messages), how: `${how}, as a stream` };
  }
  const whole = { start: places.messages[0]?.start ?? 0, end: places.messages.at(-1)?.end ?? 0 };
  return { bytes: spliced(bytes, whole, ...messages), how };
};

export const mutators: Readonly<Record<string, Mutator>> = {
  "bits flipped": bitFlip,
  "byte set": byteSet,
  "cut off": truncate,
  "bytes inserted": insert,
  "bytes removed": remove,
  "bytes written over others": splice,
  "words swapped": swapWords,
  "length set": spliceLength,
  "nodes or buffers swapped": swapRegions,
  "content of buffers swapped": swapBuffers,
  "text replaced": swapTexts,
  "messages rearranged": rearrange,
};
const entries = Object.entries(mutators);

/** The mutant of a number. */
export function makeMutant(subjects: readonly Subject[], random: Random): Mutant {
  const subject = random.pick(subjects);
  const count = random.chance(0.75) ? 1 : random.between(2, 4);
  let bytes = subject.bytes;
  const how: string[] = [];
  const names: string[] = [];
  while (how.length < count) {
    const [name, mutator] = random.pick(entries);
    const change = mutator({ bytes, places: subject.places, random, subjects });
    if (change === null) continue;
    bytes = change.bytes;
    how.push(change.how);
    names.push(name);
  }
  return { subject, bytes, mutator: names.length === 1 ? (names[0] as string) : "several", how };
}
