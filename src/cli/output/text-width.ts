/** East Asian wide characters and emoji, which take two columns (Unicode Standard Annex 11, the blocks that are wide throughout). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/gu;
const ZERO = /\p{Mn}|\p{Me}|\p{Cf}/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins a colour
const COLOUR = /\x1b\[[0-9;]*m/g;
const PLAIN = /^[\x20-\x7e]*$/;

/** How many columns of a terminal a text takes, colours left out. */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  const bare = text.replace(COLOUR, '').replace(ZERO, '');
  return [...bare].length + (bare.match(WIDE)?.length ?? 0);
}

/** A text with its middle cut out so that it takes at most so many columns. */
export function shorten(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns < 2) return '';
  const characters = [...text];
  const tail = takeColumns([...characters].reverse(), Math.ceil((columns - 1) / 2)).reverse();
  const head = takeColumns(characters, columns - 1 - textWidth(tail.join('')));
  return `${head.join('')}…${tail.join('')}`;
}

function takeColumns(characters: readonly string[], columns: number): string[] {
  const taken: string[] = [];
  let left = columns;
  for (const character of characters) {
    left -= textWidth(character);
    if (left < 0) break;
    taken.push(character);
  }
  return taken;
}
