import { VarveError } from '../base/errors.ts';
import { Datadir } from '../store/datadir/datadir.ts';
import type { Store } from '../store/types.ts';
import { LockFile } from '../sys/lock-file.ts';
import type { Archive } from './archive.ts';
import { decodeRevisions, encodeRevision, type LoggedRevision } from './revision-line.ts';
import type { Revision } from './types.ts';

/** An archive of which only the newest revision counts has a line that cannot be read: it may have been that one. */
export class UnreadableRevisionError extends VarveError {
  constructor(archive: string, lineNumber: number, problem: string) {
    super('UNREADABLE_REVISION', `line ${lineNumber} of archive ${archive} cannot be read: ${problem}`, {
      advice: 'Mend it with: varve archives --repair',
    });
  }
}

/** The last line of an archive whose revisions follow one another, whatever the clock said. Rejects with UnreadableRevisionError. */
export async function lastRevision({ log }: Archive): Promise<LoggedRevision | undefined> {
  const { revisions, damaged } = decodeRevisions(await log.lines());
  const [line] = damaged;
  if (line !== undefined) throw new UnreadableRevisionError(log.name, line.lineNumber, line.problem);
  return revisions.at(-1);
}

/**
 * Puts a revision in the place of all those up to `last`, which it was made from (undefined: there were none); false, and nothing done, when somebody else has added one since.
 * The commit point is one rewrite of the archive, so at every moment it has the one or the other.
 *
 * Revisions are dropped under the collector's lock (see forget.ts), and nobody waits for that here: while a collector looks the older ones stay, until the next time.
 */
export async function supersede(store: Store, archive: Archive, last: LoggedRevision | undefined, revision: Revision): Promise<boolean> {
  const lock = store instanceof Datadir ? LockFile.try(store.layout.collectorLock) : undefined;
  const mayDrop = lock !== undefined || !(store instanceof Datadir);
  try {
    let isLast = false;
    await archive.log.rewrite((lines) => {
      isLast = lines.at(-1) === last?.line;
      if (!isLast) return undefined;
      return mayDrop ? [encodeRevision(revision)] : [...lines, encodeRevision(revision)];
    });
    return isLast;
  } finally {
    lock?.release();
  }
}
