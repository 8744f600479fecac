import type { ByteName } from '../../base/names.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
const ASCII = /^[\x00-\x7f]*$/;
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * A name or path without differences of case, again as bytes in a latin1 string. What contains a text contains, folded, the folded text. Of a name that is no
 * UTF-8 only ASCII letters are folded, in a path as well as alone.
 */
export function fold(name: string): string {
  if (ASCII.test(name)) return name.toLowerCase();
  const bytes = Buffer.from(name, 'latin1');
  try {
    return Buffer.from(foldText(decoder.decode(bytes)), 'utf8').toString('latin1');
  } catch {
    if (name.includes('/')) return name.split('/').map(fold).join('/');
    return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  }
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
