import { basename } from 'node:path';
import { UsageError } from '../base/errors.ts';
import { parseReference } from '../tree/reference.ts';

/** The archive that a folder is saved into when nobody names one: the folder's name, as far as references can hold it. */
export function defaultArchive(source: string): string {
  const name = basename(source).replace(/[@:[\]/]|\.varve$/g, '_');
  return name === '' ? 'root' : name;
}

/** Throws UsageError for a name that no reference could mean. */
export function checkArchiveName(name: string): void {
  const { target } = parseReference(name);
  if (target.kind === 'archive' && target.name === name) return;
  throw new UsageError(
    `${JSON.stringify(name)} cannot name an archive`,
    'The name of an archive has none of @ [ ] and :/ and does not end in : or .varve.',
  );
}
