import { VarveError } from '../../../base/errors.ts';
import { type ByteName, showName } from '../../../base/names.ts';
import type { Store } from '../../../store/types.ts';
import { Stat } from '../../../sys/stat.ts';
import { system } from '../../../sys/system.ts';
import type { Directory } from '../../../sys/types.ts';
import { copyXattrs } from '../../../tree/restore/metadata.ts';
import { lastName, parentPath } from '../../../tree/view.ts';
import type { NodeState } from '../../types.ts';
import type { KeptContents } from '../kept-contents.ts';
import { timeOf } from '../past-tree.ts';
import { fetchFiles } from './fetch.ts';
import { folderComing, foldersAbove, pathOf } from './places.ts';
import { Trash, waitingName } from './trash.ts';
import type { UndoItem, UndoOutcome, UndoPlace } from './types.ts';

const SCRATCH_MODE = 0o700;

/** What carrying out a plan needs. */
export interface UndoMeans {
  readonly store: Store;
  readonly contents: KeptContents;
  /** Names the folder in the trash; nobody else's. */
  readonly name: string;
  readonly signal?: AbortSignal;
}

/**
 * Carries out a plan. Nothing is overwritten and nothing removed: what has to go lies in the trash of its root afterwards, and what stands in a place is touched only while it
 * is the file that the catalogue knows (inode, device, size and times). Everything is reached beneath the top of its root, through no symbolic link.
 *
 * In this order: contents are fetched; what moves or goes is taken out, from the deepest on, since above it paths still hold; then everything is put in its place, from the
 * top on. Whenever it is interrupted, all is there, if perhaps in the trash; the same undo, planned again, goes on.
 */
export async function carryOut(items: readonly UndoItem[], means: UndoMeans): Promise<UndoOutcome[]> {
  using run = new Run(means);
  return await run.carryOut(items);
}

class Run implements Disposable {
  readonly #means: UndoMeans;
  readonly #trashes = new Map<ByteName, Trash>();
  readonly #outcomes = new Map<UndoItem, UndoOutcome>();
  /** Folders that something of which an attempt has failed is in. */
  readonly #holding = new Set<ByteName>();
  /** Where folders have to come to, and have not yet: what stands there is another one. */
  readonly #missing = new Set<ByteName>();
  readonly #stat = new Stat();

  constructor(means: UndoMeans) {
    this.#means = means;
  }

  async carryOut(items: readonly UndoItem[]): Promise<UndoOutcome[]> {
    for (const item of items) {
      this.#outcomes.set(item, item.refused === undefined ? { item } : { item, failure: { code: 'REFUSED', message: item.refused } });
      const folder = folderComing(item);
      if (folder !== undefined) this.#missing.add(folder);
    }
    const wanted = items.filter(({ refused }) => refused === undefined);
    await this.#fetch(wanted);
    // From here to the end everything is done: what was taken out has to come to its place.
    this.#means.signal?.throwIfAborted();
    const removed = new Set(wanted.flatMap(({ steps, from }) => (from !== undefined && steps.includes('remove') ? [pathOf(from)] : [])));
    const fromDeepest = this.#open(wanted).sort((a, b) => depthOf(b.from) - depthOf(a.from));
    for (const item of fromDeepest) this.#attempt(item, () => this.#takeOut(item, removed));
    this.#failWithFolders(wanted);
    const fromTop = this.#open(wanted).sort((a, b) => depthOf(a.to) - depthOf(b.to));
    for (const item of fromTop) this.#attempt(item, () => this.#putBack(item));
    // What is made in a folder changes its time, and a folder may forbid it.
    for (const item of this.#open(fromTop).toReversed()) if (isMade(item, 'directory')) this.#attempt(item, () => this.#finishFolder(item));
    return items.map((item) => this.#outcomes.get(item) as UndoOutcome);
  }

  [Symbol.dispose](): void {
    for (const trash of this.#trashes.values()) trash[Symbol.dispose]();
  }

  /** Those that nothing has failed of. */
  #open(items: readonly UndoItem[]): UndoItem[] {
    return items.filter((item) => this.#outcomes.get(item)?.failure === undefined);
  }

  async #fetch(items: readonly UndoItem[]): Promise<void> {
    const { store, contents } = this.#means;
    const files = items.filter((item) => item.was?.kind === 'file' && (item.steps.includes('create') || item.steps.includes('content')));
    const jobs = files.map((item) => ({ item, trash: this.#trash((item.to as UndoPlace).root) }));
    // Modes are what they were, whatever the user's shell takes away from new files.
    const umask = process.umask(0);
    try {
      for (const [item, failure] of await fetchFiles(jobs, store, contents)) this.#outcomes.set(item, { item, failure });
      for (const item of items) {
        const target = isMade(item, 'symlink') ? await contents.targetOf(item.was as NodeState) : undefined;
        if (target !== undefined) this.#trash((item.to as UndoPlace).root).waiting.symlink(target, waitingName(item.node));
      }
    } finally {
      process.umask(umask);
    }
  }

  /** Takes what moves or goes out of its place. */
  #takeOut(item: UndoItem, removed: ReadonlySet<ByteName>): void {
    const { node, steps, from } = item;
    if (from === undefined || !(steps.includes('move') || steps.includes('remove'))) return;
    const isRemoved = steps.includes('remove');
    // It goes with the folder that it is in.
    if (isRemoved && removed.has(parentPath(pathOf(from)))) return;
    if (isRemoved && this.#holding.has(pathOf(from)))
      throw new VarveError('NOT_EMPTY', `${showName(pathOf(from))} has something in it that could not be taken out`);
    const trash = this.#trash(from.root);
    using parent = trash.top.resolve(parentPath(from.path));
    const name = lastName(from.path);
    this.#check(parent, name, item);
    if (isRemoved || steps.includes('content')) this.#note(item, trash.take(parent, name, node, name));
    else parent.rename(name, trash.waiting, waitingName(node), 'noReplace');
  }

  #putBack(item: UndoItem): void {
    const { node, steps, from, to } = item;
    if (to === undefined) return;
    const isMoved = steps.includes('move') && !steps.includes('content');
    const waiting = this.#trash((isMoved ? (from as UndoPlace) : to).root).waiting;
    const name = lastName(to.path);
    try {
      for (const folder of foldersAbove(pathOf(to)))
        if (this.#missing.has(folder)) throw new VarveError('NO_FOLDER', `the folder ${showName(folder)} could not be put back`);
      using parent = this.#trash(to.root).top.resolve(parentPath(to.path));
      if (steps.includes('create')) this.#create(item, parent, name);
      else if (steps.includes('content') && !steps.includes('move')) this.#exchange(item, parent, name);
      else if (steps.includes('move')) waiting.rename(waitingName(node), parent, name, 'noReplace');
      this.#missing.delete(pathOf(to));
      if (!steps.includes('attributes')) return;
      this.#check(parent, name, item);
      setAttributes(parent, name, item.was as NodeState, 'without time');
    } catch (error) {
      this.#giveUp(item, isMoved);
      throw error;
    }
  }

  #create({ node, was, to }: UndoItem, parent: Directory, name: ByteName): void {
    const { kind } = was as NodeState;
    if (kind === 'directory') return parent.makeDirectory(name, SCRATCH_MODE);
    const { waiting } = this.#trash((to as UndoPlace).root);
    if (kind === 'fifo' || kind === 'socket') waiting.makeNode(waitingName(node), kind, SCRATCH_MODE);
    if (kind !== 'file') setAttributes(waiting, waitingName(node), was as NodeState, 'with time');
    waiting.rename(waitingName(node), parent, name, 'noReplace');
  }

  /** Puts the fetched file in the place of the present one, which goes to the trash: at every moment one of the two has the name. */
  #exchange(item: UndoItem, parent: Directory, name: ByteName): void {
    const { node, to } = item;
    const trash = this.#trash((to as UndoPlace).root);
    this.#check(parent, name, item);
    carryXattrs(parent, name, trash.waiting, waitingName(node));
    if (system().capabilities.renameModes) {
      const exchange = () => trash.waiting.rename(waitingName(node), parent, name, 'exchange');
      exchange();
      try {
        // Whatever was exchanged is in our hands now.
        this.#note(item, trash.take(trash.waiting, waitingName(node), node, name));
      } catch (error) {
        exchange();
        throw error;
      }
      return;
    }
    this.#note(item, trash.take(parent, name, node, name));
    trash.waiting.rename(waitingName(node), parent, name, 'noReplace');
  }

  #finishFolder({ was, to }: UndoItem): void {
    using parent = this.#trash((to as UndoPlace).root).top.resolve(parentPath((to as UndoPlace).path));
    setAttributes(parent, lastName((to as UndoPlace).path), was as NodeState, 'with time');
  }

  /** What was taken out and cannot go to its place goes back to where it was, or lies in the trash from now on; what was fetched is in the store anyway. */
  #giveUp(item: UndoItem, isMoved: boolean): void {
    const { node, from, to, now, steps } = item;
    const trash = this.#trash(((isMoved ? from : to) as UndoPlace).root);
    if (!isMoved && steps.includes('move')) this.#takeBack(from as UndoPlace, item);
    if (!trash.waiting.stat(waitingName(node), this.#stat)) return;
    const isPresent = this.#stat.ino === now?.inode && this.#stat.dev === now.device;
    if (isMoved) this.#returnTo(from as UndoPlace, item, trash);
    // It was exchanged, and could be put nowhere.
    else if (isPresent) this.#note(item, trash.waitingPlace(node));
    else trash.waiting.remove(waitingName(node));
  }

  #returnTo({ path }: UndoPlace, item: UndoItem, trash: Trash): void {
    const { node } = item;
    try {
      using parent = trash.top.resolve(parentPath(path));
      trash.waiting.rename(waitingName(node), parent, lastName(path), 'noReplace');
    } catch (error) {
      if (!(error instanceof VarveError)) throw error;
      this.#note(item, trash.take(trash.waiting, waitingName(node), node, lastName(path)));
    }
  }

  /** Takes back out of the trash what was to get another content and another place, and gets neither. */
  #takeBack({ root, path }: UndoPlace, item: UndoItem): void {
    const { trash: taken, ...outcome } = this.#outcomes.get(item) as UndoOutcome;
    if (taken === undefined) return;
    const { top } = this.#trash(root);
    try {
      using folder = top.resolve(parentPath(taken.path));
      using parent = top.resolve(parentPath(path));
      folder.rename(lastName(taken.path), parent, lastName(path), 'noReplace');
      this.#outcomes.set(item, outcome);
    } catch (error) {
      // It stays in the trash.
      if (!(error instanceof VarveError)) throw error;
    }
  }

  /** What was to go with a folder that did not is still there. */
  #failWithFolders(items: readonly UndoItem[]): void {
    const failures = new Map<ByteName, UndoOutcome['failure']>();
    const fromTop = items
      .filter(({ from, steps }) => from !== undefined && steps.includes('remove'))
      .sort((a, b) => depthOf(a.from) - depthOf(b.from));
    for (const item of fromTop) {
      const path = pathOf(item.from as UndoPlace);
      const failure = this.#outcomes.get(item)?.failure ?? failures.get(parentPath(path));
      if (failure === undefined) continue;
      failures.set(path, failure);
      this.#outcomes.set(item, { ...(this.#outcomes.get(item) as UndoOutcome), failure });
    }
  }

  /** Throws when what stands there is not what the catalogue knows: it was changed a moment ago, or nobody watches. */
  #check(parent: Directory, name: ByteName, { now }: UndoItem): void {
    const stat = this.#stat;
    const isThere = parent.stat(name, stat);
    const isSame = isThere && stat.ino === now?.inode && stat.dev === now.device;
    const isChanged = now?.kind === 'file' && (stat.size !== now.size || nsOf(stat.mtime) !== now.mtime);
    if (isSame && !isChanged) return;
    throw new VarveError('CHANGED', `${showName(name)} is not what the catalogue knows`, {
      advice: 'It was changed a moment ago, or varve does not run. Look again, and repeat the undo.',
    });
  }

  #trash(root: ByteName): Trash {
    let trash = this.#trashes.get(root);
    if (trash === undefined) {
      trash = new Trash(root, this.#means.name);
      this.#trashes.set(root, trash);
    }
    return trash;
  }

  #note(item: UndoItem, trash: UndoPlace): void {
    this.#outcomes.set(item, { ...(this.#outcomes.get(item) as UndoOutcome), trash });
  }

  #attempt(item: UndoItem, action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof VarveError)) throw error;
      const { code, message } = error;
      if (item.from !== undefined) for (const path of foldersAbove(pathOf(item.from))) this.#holding.add(path);
      this.#outcomes.set(item, { ...(this.#outcomes.get(item) as UndoOutcome), failure: { code, message } });
    }
  }
}

function isMade({ steps, was }: UndoItem, kind: NodeState['kind']): boolean {
  return steps.includes('create') && was?.kind === kind;
}

function depthOf(place: UndoPlace | undefined): number {
  return place === undefined ? 0 : place.path.split('/').length;
}

/** Owner, mode and time, in the order in which none undoes another. */
function setAttributes(directory: Directory, name: ByteName, was: NodeState, how: 'with time' | 'without time'): void {
  const { kind, uid, gid, mode, mtime } = was;
  const stat = new Stat();
  if (!directory.stat(name, stat)) return;
  if (stat.uid !== uid || stat.gid !== gid) directory.setOwner(name, uid, gid);
  if (kind !== 'symlink') directory.setMode(name, mode);
  if (how === 'with time') directory.setTimes(name, timeOf(mtime));
}

/** The catalogue knows no extended attributes: those of the present file are the best guess. */
function carryXattrs(from: Directory, fromName: ByteName, to: Directory, toName: ByteName): void {
  const source = from.openFile(fromName, 'read');
  try {
    const target = to.openFile(toName, 'read');
    try {
      copyXattrs(source, target, () => {});
    } finally {
      system().closeFile(target);
    }
  } finally {
    system().closeFile(source);
  }
}

function nsOf({ seconds, nanoseconds }: { readonly seconds: number; readonly nanoseconds: number }): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
}
