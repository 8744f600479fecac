import type { DatabaseSync } from 'node:sqlite';
import type { ByteName } from '../../base/names.ts';
import { generatedDescription } from './generated.ts';
import { manualDescription } from './manual.ts';
import type { MimeTypes } from './mime.ts';
import { plainLine } from './plain-line.ts';
import type { Description, DescriptionSource, Subject } from './types.ts';
import { writtenDescription } from './written.ts';

/** Where descriptions are looked for. */
export interface DescriptionPlaces {
  /** Any connection to the catalogue. */
  readonly database: DatabaseSync;
  readonly types: MimeTypes;
  /** Folders of manual pages; those of the system when left out. */
  readonly manuals?: readonly string[];
}

/**
 * All that is known of what a file or folder is, best first; empty for nothing. Asks no server: what a model has written earlier counts.
 * Reads a page of the manual at the most.
 */
export function describe(subject: Subject, { database, types, manuals }: DescriptionPlaces): Description[] {
  const { path, node, owner, digest } = subject;
  const found: Readonly<Record<DescriptionSource, string | undefined>> = {
    written: node === undefined ? undefined : writtenDescription(database, node, path),
    owner: owner === undefined ? undefined : owner.comment || owner.name,
    manual: manualDescription(path, manuals),
    type: subject.kind === 'file' ? typeText(subject, types) : undefined,
    generated: digest && generatedDescription(database, digest),
  };
  return Object.entries(found).flatMap(([source, text]) => {
    const line = plainLine(text ?? '');
    return line === '' ? [] : [{ source: source as DescriptionSource, text: line }];
  });
}

function typeText({ path, head }: Subject, types: MimeTypes): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1) as ByteName;
  const type = head === undefined ? types.typeOfName(name) : types.typeOf(name, head);
  if (type === undefined) return undefined;
  const comment = types.commentOf(type);
  return comment === undefined ? type : `${comment} (${type})`;
}
