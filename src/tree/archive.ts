import { UsageError, VarveError } from '../base/errors.ts';
import type { ArchiveLog } from '../store/types.ts';
import { type DamagedLine, decodeRevision, decodeRevisions, encodeRevision, type LoggedRevision } from './revision-line.ts';
import type { Revision } from './types.ts';

/** What can be said of a revision afterwards (T7). What is left out stays; an empty note or list of tags is removed. */
export interface Annotation {
  readonly note?: string;
  readonly tags?: readonly string[];
  readonly pinned?: boolean;
}

/** Somebody else dropped or changed the revision in the meantime. */
export class RevisionGoneError extends VarveError {
  constructor(archive: string, time: string) {
    super('REVISION_GONE', `the revision of ${time} in archive ${archive} was changed or dropped meanwhile`, {
      advice: 'List the archive and try again.',
    });
  }
}

/** An archive as revisions (T6); where its lines are kept is the log's business. */
export class Archive {
  readonly log: ArchiveLog;

  constructor(log: ArchiveLog) {
    this.log = log;
  }

  get name(): string {
    return this.log.name;
  }

  /** All revisions, oldest first by their time, and the lines that cannot be read. */
  async read(): Promise<{ revisions: LoggedRevision[]; damaged: DamagedLine[] }> {
    const { revisions, damaged } = decodeRevisions(await this.log.lines());
    const keyed = revisions.map((revision) => ({ revision, key: timeKey(revision.time) }));
    keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    return { revisions: keyed.map(({ revision }) => revision), damaged };
  }

  /** Adds a revision; it is durable when this resolves. The commit point of a save: its blocks must have been flushed before. */
  async append(revision: Revision): Promise<void> {
    await this.log.append(encodeRevision(revision));
  }

  /** Tags, pins or annotates a revision; the other lines stay as they are, damaged ones too. Throws RevisionGoneError. */
  async annotate(revision: LoggedRevision, annotation: Annotation): Promise<void> {
    for (const tag of annotation.tags ?? []) checkTag(tag);
    await this.log.rewrite((lines) => {
      const at = lines.indexOf(revision.line);
      if (at < 0) throw new RevisionGoneError(this.name, revision.time);
      const { note, ...rest } = { ...decodeRevision(revision.line), ...annotation };
      return lines.with(at, encodeRevision(note ? { ...rest, note } : rest));
    });
  }

  /** Removes revisions; those that are gone already are gone. The blocks are left to `gc`. */
  async drop(revisions: readonly LoggedRevision[]): Promise<void> {
    const dropped = new Set(revisions.map(({ line }) => line));
    await this.log.rewrite((lines) => lines.filter((line) => !dropped.has(line)));
  }
}

/** A time as a text that sorts by time: revisions may have any number of digits behind the second. */
export function timeKey(time: string): string {
  const [seconds, fraction = ''] = time.replace('Z', '').split('.');
  return `${seconds}.${fraction.padEnd(9, '0')}`;
}

/** Tags stand behind the `@` of a reference, so they must not look like anything else that may. */
export function checkTag(tag: string): void {
  if (/^[^\s@:~[\]/][^\s@:[\]/]*$/.test(tag)) return;
  throw new UsageError(`not a tag: ${JSON.stringify(tag)}`, 'A tag has no spaces and none of @ : / [ ], and does not begin with ~.');
}
