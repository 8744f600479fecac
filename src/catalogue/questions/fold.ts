import { type ByteName, nameFromText } from '../../base/names.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
const ASCII = /^[\x00-\x7f]*$/;
/** Runs of well-formed UTF-8 beyond ASCII, and of ASCII, in a latin1 string of bytes: the table of well-formed byte sequences of the Unicode Standard (3-7). */
const TEXT =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
  /(?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|(?:\xe0[\xa0-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]|\xed[\x80-\x9f])[\x80-\xbf]|(?:\xf0[\x90-\xbf]|[\xf1-\xf3][\x80-\xbf]|\xf4[\x80-\x8f])[\x80-\xbf]{2})+/g;

/**
 * A name or path without differences of case, again as bytes in a latin1 string. What contains a text contains, folded, the folded text: so each character is
 * folded by itself, also beside bytes that are no UTF-8, which stay as they are.
 */
export function fold(name: string): string {
  if (ASCII.test(name)) return name.toLowerCase();
  return name.replace(TEXT, (run) => Buffer.from(foldText(Buffer.from(run, 'latin1').toString('utf8')), 'utf8').toString('latin1'));
}

/** Final sigma and long s are other small letters of the same capitals; Unicode's case folding takes them for σ and s. */
function foldText(text: string): string {
  return text.toLowerCase().replaceAll('ς', 'σ').replaceAll('ſ', 's');
}

/** A name as the text that patterns are held against; bytes that are no UTF-8 become replacement characters. */
export function textOf(name: string): string {
  return ASCII.test(name) ? name : Buffer.from(name, 'latin1').toString('utf8');
}

export function isAscii(text: string): boolean {
  return ASCII.test(text);
}

/** The bytes of a blob as a byte name. */
export function nameOfBlob(blob: unknown): ByteName {
  const { buffer, byteOffset, length } = blob as Uint8Array;
  return Buffer.from(buffer, byteOffset, length).toString('latin1') as ByteName;
}

/** What bytes that are no UTF-8 become in a text. */
export const REPLACEMENT = '\ufffd';

/**
 * The byte name that SQLite gave as text; `blob` asks for its bytes, where these may have been lost on the way. To make a Uint8Array of each name would take longer than all the rest of
 * a row (docs/search.md).
 */
export function nameOfText(text: string, blob: () => unknown): ByteName {
  if (isAscii(text)) return text as ByteName;
  return text.includes(REPLACEMENT) ? nameOfBlob(blob()) : nameFromText(text);
}
