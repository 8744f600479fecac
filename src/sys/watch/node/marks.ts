import { type FSWatcher, watch } from 'node:fs';
import { SystemError } from '../../../base/errors.ts';
import { type ByteName, showName } from '../../../base/names.ts';
import { fromNodeError } from '../../errno.ts';
import { fromNode, isWindows, toNode } from '../../portable/path.ts';
import { statPath } from '../../portable/stat.ts';
import { Stat } from '../../stat.ts';
import { SELF } from '../event-list.ts';
import type { DirectoryKey } from '../types.ts';
import type { PlaceToMark } from './messages.ts';
import type { Outbox } from './outbox.ts';

interface Mark extends PlaceToMark {
  readonly watcher: FSWatcher;
  /** What the directory itself is called in its own events. */
  readonly ownName: string;
  /** Paths of marks of the directories in it. */
  readonly below: Set<ByteName>;
}

const stat = new Stat();

/** By what a directory is recognised: the birth time tells an inode that is used again, in which the old watch is dead. */
export function identityOf({ dev, ino, bornNs }: Stat): string {
  return `${dev}:${ino}:${bornNs}`;
}

/** The key of events in a directory. */
export function keyOfPath(path: ByteName): DirectoryKey {
  return path as string as DirectoryKey;
}

/**
 * Directories that fs.watch watches, each under the path by which it was marked last. libuv calls all watches of one directory by the first path, so there is never a second one; and what has
 * left its path is given up with everything below, since its events would name a path that leads elsewhere by then.
 */
export class NodeMarks {
  readonly #outbox: Outbox;
  readonly #recursive: boolean;
  readonly #ignored: ByteName;
  readonly #told: () => void;
  readonly #byPath = new Map<ByteName, Mark>();
  readonly #byIdentity = new Map<string, Mark>();

  /** `ignored` is a folder of which nothing is told. `told` is called when something was put into the outbox. */
  constructor(parts: { readonly outbox: Outbox; readonly recursive: boolean; readonly ignored: ByteName; readonly told: () => void }) {
    this.#outbox = parts.outbox;
    this.#recursive = parts.recursive;
    this.#ignored = parts.ignored;
    this.#told = parts.told;
  }

  /** Throws SystemError; ENOENT when another directory stands there by now, or none. */
  mark({ path, identity }: PlaceToMark): void {
    if (path === this.#ignored || this.#byPath.get(path)?.identity === identity) return;
    for (const other of [this.#byPath.get(path), this.#byIdentity.get(identity)]) if (other !== undefined) this.#drop(other);
    const watcher = this.#watch(path, (type, name) => this.#tell(mark, type, name));
    const mark: Mark = { path, identity, watcher, ownName: path.slice(path.lastIndexOf('/') + 1), below: new Set<ByteName>() };
    this.#byPath.set(path, mark);
    this.#byIdentity.set(identity, mark);
    this.#byPath.get(parentOf(path))?.below.add(path);
    // On Windows, a watched directory that is deleted is an error.
    watcher.on('error', () => this.#drop(mark));
    if (this.#isThere(mark)) return;
    this.#drop(mark);
    throw new SystemError('ENOENT', 'watch', showName(path));
  }

  unmark(key: DirectoryKey): void {
    const mark = this.#byPath.get(key as string as ByteName);
    if (mark !== undefined) this.#drop(mark);
  }

  /** Systems whose watches see what is below have names of text. */
  #watch(path: ByteName, told: (type: string, name: Buffer | string | null) => void): FSWatcher {
    const recursive = this.#recursive;
    try {
      return watch(recursive ? toNode(path).toString() : toNode(path), { encoding: recursive ? 'utf8' : 'buffer', recursive }, told);
    } catch (error) {
      throw fromNodeError(error, showName(path));
    }
  }

  #tell(mark: Mark, type: string, found: Buffer | string | null): void {
    if (this.#byPath.get(mark.path) !== mark) return;
    if (found === null) this.#outbox.overflow();
    else {
      const name = fromNode(found);
      const [directory, last] = this.#recursive ? placeOf(mark.path, name) : [mark.path, name];
      if (directory === this.#ignored) return;
      if (last !== '') this.#outbox.add(keyOfPath(directory), last, type === 'change' ? 'modified' : undefined);
      // Told of itself, it may be gone. An entry of the same name cannot be told apart.
      if (name === mark.ownName) {
        this.#outbox.add(keyOfPath(mark.path), SELF, undefined);
        if (!this.#isThere(mark)) this.#drop(mark);
      }
    }
    this.#told();
  }

  #isThere({ path, identity }: Mark): boolean {
    try {
      return statPath(path, stat) && identityOf(stat) === identity;
    } catch {
      return false;
    }
  }

  #drop(mark: Mark): void {
    for (const path of mark.below) {
      const below = this.#byPath.get(path);
      if (below !== undefined) this.#drop(below);
    }
    mark.watcher.close();
    this.#byPath.delete(mark.path);
    this.#byPath.get(parentOf(mark.path))?.below.delete(mark.path);
    if (this.#byIdentity.get(mark.identity) === mark) this.#byIdentity.delete(mark.identity);
    this.#outbox.addLost(keyOfPath(mark.path));
    this.#told();
  }
}

function parentOf(path: ByteName): ByteName {
  return (path.slice(0, path.lastIndexOf('/')) || '/') as ByteName;
}

/** Directory and name of what a recursive watch names by its path below `top`. */
function placeOf(top: ByteName, below: ByteName): [ByteName, ByteName] {
  const path = isWindows ? below.replaceAll('\\', '/') : below;
  const end = path.lastIndexOf('/');
  return [(end < 0 ? top : `${top}/${path.slice(0, end)}`) as ByteName, path.slice(end + 1) as ByteName];
}
