import type { ByteName } from '../../base/names.ts';
import { folderIdentity } from '../../sys/folder-identity.ts';
import { Stat } from '../../sys/stat.ts';
import type { Directory } from '../../sys/types.ts';
import type { ViewEntry } from '../view.ts';
import { mountedAt, removeTree } from './remove-tree.ts';
import type { RestoreTally } from './restore-tally.ts';
import type { Selection } from './selection.ts';
import { shownPath, type TargetDirectory } from './target-directory.ts';

const SELF = '.' as ByteName;

export interface OthersParts {
  readonly selection: Selection;
  readonly tally: RestoreTally;
  readonly dryRun: boolean;
  /** Folders that stay with everything in them; see RestoreOptions. */
  readonly staying: ReadonlySet<string>;
}

/** What stands in the target and is not in the tree. It is removed only where the tree is known not to have it, and nothing of what is mounted in the target and was not in the tree. */
export class Others {
  readonly #parts: OthersParts;
  readonly #stat = new Stat();

  constructor(parts: OthersParts) {
    this.#parts = parts;
  }

  /** Removes what stood in a directory, but for the `wanted` names. `attempt` takes care of what fails. */
  removeAllBut(target: TargetDirectory, wanted: ReadonlySet<ByteName>, attempt: (name: ByteName, action: () => void) => void): void {
    const { directory, present } = target;
    if (directory === undefined || present === undefined || present.size === 0) return;
    if ((target.entry as ViewEntry).isUnlisted === true || this.#stays(directory)) return;
    if (wanted.size === 0 && this.#isMountedIn(target, directory))
      return attempt(SELF, () => {
        throw mountedAt(target.path.slice(0, -1));
      });
    for (const name of present) {
      if (wanted.has(name) || !directory.stat(name, this.#stat)) continue;
      if (!this.#mayGo(target.path + name, this.#stat)) continue;
      attempt(name, () => this.remove(target, name));
    }
  }

  /** Removes what stands at a name, with everything in it but what has to stay. */
  remove(parent: TargetDirectory, name: ByteName): void {
    const { dryRun, tally } = this.#parts;
    const directory = parent.directory as Directory;
    const kind = (directory.stat(name, this.#stat) ? this.#stat.kind : undefined) ?? 'file';
    const spares = (path: string, stat: Stat) => !this.#mayGo(`${parent.path}${name}/${path}`, stat);
    const removed = removeTree(directory, name, { dryRun, spares });
    if (removed > 0) tally.change('delete', kind, shownPath(parent, name));
    tally.removed(removed);
  }

  #mayGo(path: string, stat: Stat): boolean {
    const { selection, staying } = this.#parts;
    const isDirectory = stat.kind === 'directory';
    return selection.mayDelete(path, isDirectory) && !(isDirectory && staying.has(folderIdentity(stat)));
  }

  #stays(directory: Directory): boolean {
    return directory.stat(SELF, this.#stat) && this.#parts.staying.has(folderIdentity(this.#stat));
  }

  /** Of a mounted file system in which nothing was, it is not known that it is the one that was there. The target itself is what was asked for. */
  #isMountedIn({ parent }: TargetDirectory, directory: Directory): boolean {
    return parent !== undefined && directory.stat(SELF, this.#stat) && this.#stat.isMountRoot;
  }
}
