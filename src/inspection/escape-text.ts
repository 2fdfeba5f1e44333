/**
 * Text from files, made harmless.
 *
 * Terminals obey control characters (CSI exists as one character, U+009B, too), and characters that only format can reorder what is shown.
 */

const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;

function codeUnits(text: string): string {
  return Array.from({ length: text.length }, (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, "0")}`).join(
    "",
  );
}

/** One line in which nothing acts on a terminal: `\u001b[31m`. */
export function escapeText(text: string): string {
  return text.replace(unsafe, codeUnits);
}

/** The same for text of several lines, such as messages; JSON keeps its value. */
export function escapeLines(text: string): string {
  return text.split("\n").map(escapeText).join("\n");
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;

/** The columns that escaped text takes in a terminal. */
export function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (!/\p{M}/u.test(character)) width += wide.test(character) ? 2 : 1;
  }
  return width;
}

/** Text of at most so many columns, its end replaced by `…` where it is longer. */
export function clip(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let clipped = "";
  let width = 1;
  for (const character of text) {
    width += widthOf(character);
    if (width > columns) break;
    clipped += character;
  }
  return `${clipped}…`;
}
