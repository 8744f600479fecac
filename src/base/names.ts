/**
 * File names are bytes (T2). In memory a name is a *byte name*: a string whose every character is one byte (latin1), so
 * that comparing, sorting, hashing and concatenating names works on bytes at the speed of one-byte strings.
 */
export type ByteName = string & { readonly __bytes: unique symbol };

/** The byte name of a text, encoded as UTF-8. */
export function nameFromText(text: string): ByteName {
  return Buffer.from(text, 'utf8').toString('latin1') as ByteName;
}

/** The byte name of raw bytes. */
export function nameFromBytes(bytes: Uint8Array): ByteName {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1') as ByteName;
}

/** The bytes of a name, in a fresh buffer. */
export function nameToBytes(name: ByteName): Buffer {
  return Buffer.from(name, 'latin1');
}

const decoder = new TextDecoder('utf-8', { fatal: true });
const PLAIN = /^[\x20-\x5b\x5d-\x7e]*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\\]/g;

/**
 * A name as a person can read it on one line: UTF-8 where it is valid, `\xNN` for other bytes, and for control and
 * direction-changing characters, and `\\` for a backslash. Two different names never look the same; `nameFromShown` reverses it.
 */
export function showName(name: ByteName): string {
  if (PLAIN.test(name)) return name;
  const bytes = nameToBytes(name);
  try {
    return decoder.decode(bytes).replace(UNPRINTABLE, escapeCharacter);
  } catch {
    return showInvalid(bytes);
  }
}

/** The byte name of what `showName` printed, or of any text a user typed. */
export function nameFromShown(shown: string): ByteName {
  if (!shown.includes('\\')) return nameFromText(shown);
  let name = '';
  for (let at = 0; at < shown.length; ) {
    const escaped = /^\\(?:x([0-9a-f]{2})|(\\))/i.exec(shown.slice(at, at + 4));
    if (escaped) {
      name += escaped[1] === undefined ? '\\' : String.fromCharCode(Number.parseInt(escaped[1], 16));
      at += escaped[0].length;
    } else {
      const character = String.fromCodePoint(shown.codePointAt(at) as number);
      name += nameFromText(character);
      at += character.length;
    }
  }
  return name as ByteName;
}

function escapeCharacter(character: string): string {
  if (character === '\\') return '\\\\';
  return Array.from(Buffer.from(character, 'utf8'), escapeByte).join('');
}

function escapeByte(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

/** Valid sequences stay legible inside a name that as a whole is not UTF-8. */
function showInvalid(bytes: Buffer): string {
  let shown = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    shown += length === 0 ? escapeByte(bytes[at] as number) : bytes.toString('utf8', at, at + length).replace(UNPRINTABLE, escapeCharacter);
    at += Math.max(1, length);
  }
  return shown;
}

/** The length of the valid UTF-8 sequence at `at`, 0 when there is none. */
function sequenceLength(bytes: Buffer, at: number): number {
  const lead = bytes[at] as number;
  const length = lead < 0x80 ? 1 : lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  try {
    decoder.decode(bytes.subarray(at, at + length));
    return length;
  } catch {
    return 0;
  }
}
