import type { DatabaseSync } from 'node:sqlite';
import { isLiteral } from '../../block/ref-codec.ts';
import type { KeptContent } from '../keep/types.ts';

/** Contents that a catalogue calls kept, and those that it did and the store does not keep any more. */
export interface ProvedContents {
  readonly kept: number;
  readonly lost: number;
}

/**
 * Has a copy call kept what the store keeps now, and what needs no store: where symbolic links lead stands in the catalogue alone. Nothing else. Since it was made, contents may have been let go, and others have come: those are known from the catalogue that it replaces, attached as
 * `replaced`, and else stay in the store until their files are read again. `entered` is what the archive `versions` has. In a transaction of the caller.
 */
export async function proveContents(
  copy: DatabaseSync,
  hasReplaced: boolean,
  entered: AsyncIterable<readonly KeptContent[]>,
): Promise<ProvedContents> {
  copy.exec('CREATE TEMP TABLE entered (digest BLOB PRIMARY KEY, ref BLOB NOT NULL) WITHOUT ROWID');
  const insert = copy.prepare('INSERT INTO temp.entered VALUES (?, ?)');
  for await (const contents of entered) for (const { digest, ref } of contents) insert.run(digest, ref);
  copy.function('isLiteral', { deterministic: true }, (ref) => Number(isLiteral(ref as Uint8Array)));
  const isKept = '(digest IN (SELECT digest FROM temp.entered) OR isLiteral(ref))';
  if (hasReplaced) {
    copy.exec(`INSERT OR IGNORE INTO main.content SELECT digest, size, ref, stored FROM replaced.content WHERE ${isKept}`);
    copy.exec('INSERT OR IGNORE INTO main.released SELECT digest FROM replaced.released');
  }
  // The archive protects what its ref leads to, and equal contents may have different ones.
  copy.exec(
    'UPDATE main.content SET ref = entered.ref FROM temp.entered WHERE entered.digest = content.digest AND entered.ref IS NOT content.ref',
  );
  const lost = copy.prepare(`DELETE FROM main.content WHERE NOT ${isKept}`).run().changes;
  // What one of the two has let go the other may keep; in doubt it is kept.
  copy.exec('DELETE FROM main.released WHERE digest IN (SELECT digest FROM main.content); DROP TABLE temp.entered');
  return { kept: Number(copy.prepare('SELECT count(*) AS count FROM main.content').get()?.count), lost: Number(lost) };
}
