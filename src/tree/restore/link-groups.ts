import { VarveError } from '../../base/errors.ts';
import { Stat } from '../../sys/stat.ts';
import type { Directory } from '../../sys/types.ts';
import type { Entry } from '../types.ts';
import { OUTCOME } from './messages.ts';
import type { TargetDirectory } from './target-directory.ts';
import { putInPlace } from './temporary-name.ts';

/** The link of a file by which its content comes to the target. */
interface First {
  readonly parent: TargetDirectory;
  readonly entry: Entry;
  /** One of OUTCOME, once it is settled. */
  outcome: number;
}

/** A further link, which is made when all files are there. */
export interface WaitingLink {
  readonly first: First;
  readonly parent: TargetDirectory;
  readonly entry: Entry;
}

/** Which entries of a tree are links of one file, and which files of the target are. */
export class LinkGroups {
  readonly #firsts = new Map<string, First>();
  /** Files with several names that stay where they are, by device and inode. */
  readonly #kept = new Set<string>();
  readonly waiting: WaitingLink[] = [];
  readonly #ofFirst = new Stat();
  readonly #present = new Stat();

  /** True when the entry is a further link of what was met before; it then waits. */
  joins(parent: TargetDirectory, entry: Entry): boolean {
    if (entry.identity === undefined) return false;
    const key = keyOf(entry.identity);
    const first = this.#firsts.get(key);
    if (first === undefined || first.entry.kind !== entry.kind) {
      this.#firsts.set(key, { parent, entry, outcome: OUTCOME.failed });
      return false;
    }
    this.waiting.push({ first, parent, entry });
    return true;
  }

  settled(entry: Entry, outcome: number): void {
    const first = entry.identity === undefined ? undefined : this.#firsts.get(keyOf(entry.identity));
    if (first?.entry === entry) first.outcome = outcome;
  }

  /** Whether what stands in the place of an entry may stay, as far as its other names are concerned: it has none, or none but those of the entry's own group. */
  mayStay(stat: Stat, entry: Entry): boolean {
    if (stat.nlink === 1) return true;
    const file = `${stat.dev}:${stat.ino}`;
    if (entry.identity === undefined || this.#kept.has(file)) return false;
    this.#kept.add(file);
    return true;
  }

  /**
   * Makes a link, by a temporary name, unless it is there; returns its outcome. Without `dryRun` both directories must be given. Throws when the file that
   * it is a link of could not be restored.
   */
  make({ first, entry }: WaitingLink, from: Directory | undefined, to: Directory | undefined, dryRun: boolean): number {
    if (first.outcome === OUTCOME.failed) throw new VarveError('LINK', 'the file that it is a link of could not be restored');
    const stayed = first.outcome === OUTCOME.unchanged || first.outcome === OUTCOME.metadata;
    // A directory in the way is gone by now; in a dry run it is still there.
    const exists = to?.stat(entry.name, this.#present) === true && this.#present.kind !== 'directory';
    const isSame = exists && stayed && from?.stat(first.entry.name, this.#ofFirst) === true && this.#ofFirst.sameFile(this.#present);
    if (isSame) return OUTCOME.unchanged;
    if (!dryRun && from !== undefined && to !== undefined) {
      putInPlace(to, entry.name, (temporary) => to.link(from, first.entry.name, temporary));
    }
    return exists ? OUTCOME.replaced : OUTCOME.created;
  }
}

function keyOf(identity: Uint8Array): string {
  return Buffer.from(identity).toString('latin1');
}
