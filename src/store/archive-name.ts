import { UsageError } from '../base/errors.ts';

const SUFFIX = '.varve';
const MAX_FILE_NAME_BYTES = 200;

/** The file of an archive's name: unsafe characters and a leading dot are written as `%` and two hexadecimal digits per byte. */
export function archiveFileName(name: string): string {
  if (name === '') throw new UsageError('an archive needs a name');
  const file = name.normalize('NFC').replace(/^\.|[^A-Za-z0-9_ +=,@.\u0080-\uffff-]/g, escapeCharacter);
  if (Buffer.byteLength(file) > MAX_FILE_NAME_BYTES) throw new UsageError(`the name of an archive is too long: ${name.slice(0, 40)}…`);
  return file + SUFFIX;
}

/** The archive's name of a file in the folder of archives; undefined when it is none. */
export function archiveNameOfFile(file: string): string | undefined {
  if (!file.endsWith(SUFFIX)) return undefined;
  try {
    return decodeURIComponent(file.slice(0, -SUFFIX.length));
  } catch {
    return undefined;
  }
}

function escapeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
