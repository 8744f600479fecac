import { hasErrno } from '../../../base/errors.ts';
import { type ByteName, nameFromText } from '../../../base/names.ts';
import { openPrivateFolder } from '../../../sys/private-folder.ts';
import { system } from '../../../sys/system.ts';
import type { Directory } from '../../../sys/types.ts';
import type { NodeId } from '../../types.ts';
import { TRASH } from './places.ts';
import type { UndoPlace } from './types.ts';

/** What is put away is nobody's but the user's. */
const WAITING = '.waiting' as ByteName;

/**
 * Where one undo puts things away in one root: a folder in its trash, on the same file system, named by the time; in it a folder for what only waits for its place. Being in
 * the root, it is watched as everything else: what was put away keeps its history, and an undo of the undo finds it there.
 */
export class Trash implements Disposable {
  /** The top of the root. */
  readonly top: Directory;
  /** For what is on its way, by the numbers of nodes. */
  readonly waiting: Directory;
  readonly #folder: Directory;
  readonly #root: ByteName;
  readonly #name: ByteName;

  constructor(root: ByteName, name: string) {
    this.#root = root;
    this.#name = nameFromText(name);
    using opened = new DisposableStack();
    this.top = opened.use(system().openDirectory(root));
    using trash = openPrivateFolder(this.top, TRASH);
    this.#folder = opened.use(openPrivateFolder(trash, this.#name));
    this.waiting = openPrivateFolder(this.#folder, WAITING);
    opened.move();
  }

  /** Takes an entry for good, under its name, or in a folder named by its node when that is taken. Says where it is now. */
  take(directory: Directory, name: ByteName, node: NodeId, wantedName: ByteName): UndoPlace {
    const shelf = `${TRASH}/${this.#name}` as ByteName;
    try {
      directory.rename(name, this.#folder, wantedName, 'noReplace');
      return { root: this.#root, path: `${shelf}/${wantedName}` as ByteName };
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) throw error;
      using own = openPrivateFolder(this.#folder, waitingName(node));
      directory.rename(name, own, wantedName, 'noReplace');
      return { root: this.#root, path: `${shelf}/${node}/${wantedName}` as ByteName };
    }
  }

  /** Where that is which waits under the number of a node. */
  waitingPlace(node: NodeId): UndoPlace {
    return { root: this.#root, path: `${TRASH}/${this.#name}/${WAITING}/${waitingName(node)}` as ByteName };
  }

  /** Removes what is empty of it. */
  [Symbol.dispose](): void {
    this.waiting.close();
    try {
      this.#folder.removeDirectory(WAITING);
      using trash = this.top.openDirectory(TRASH);
      trash.removeDirectory(this.#name);
      this.top.removeDirectory(TRASH);
    } catch (error) {
      if (!hasErrno(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    } finally {
      this.#folder.close();
      this.top.close();
    }
  }
}

export function waitingName(node: NodeId): ByteName {
  return nameFromText(String(node));
}
