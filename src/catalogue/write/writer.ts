import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { inTransaction } from '../database.ts';
import { limboName, placeOfLimboName } from '../limbo-name.ts';
import {
  type CatalogueNode,
  type Cause,
  type DirectorySums,
  type EndKind,
  LIMBO,
  NO_DIRECTORY,
  type NodeId,
  type NodeState,
  type Place,
} from '../types.ts';
import { differenceOf, differs, isLinked } from './difference.ts';
import { entryHash } from './entry-hash.ts';
import { type Happening, Journal } from './journal.ts';
import { Limbo } from './limbo.ts';
import { NodeRows } from './node-rows.ts';
import { SumLedger } from './sum-ledger.ts';
import { UnreadRows } from './unread.ts';

/**
 * Changes of the catalogue, each of its row, the sums above it and its event together. Everything happens within `transact`, whose end is the commit point.
 * What became known is all that counts here; nothing is looked up on disk.
 */
export class Writer {
  readonly rows: NodeRows;
  readonly sums: SumLedger;
  readonly journal: Journal;
  readonly #database: DatabaseSync;
  readonly #unrecorded: StatementSync;
  readonly #touch: StatementSync;
  readonly #limbo = new Limbo();
  readonly #unread: UnreadRows;
  #listeners: ((id: NodeId) => void)[] = [];
  #removedListeners: ((node: CatalogueNode) => void)[] = [];
  #onCommit = () => {};

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.rows = new NodeRows(database);
    this.sums = new SumLedger(database);
    this.journal = new Journal(database);
    this.#unread = new UnreadRows(database);
    this.#unrecorded = database.prepare('UPDATE directory SET unrecorded = ? WHERE node = ?');
    this.#touch = database.prepare('UPDATE directory SET touched = max(ifnull(touched, 0), ?) WHERE node = ?');
  }

  /** Runs `change` in one transaction. When it throws, nothing of it remains. */
  transact<T>(change: () => T): T {
    try {
      const result = inTransaction(this.#database, () => {
        const result = change();
        this.rows.flush();
        this.sums.settle();
        return result;
      });
      this.#unread.settle();
      this.#onCommit();
      return result;
    } catch (error) {
      this.rows.reset();
      this.sums.reset();
      throw error;
    }
  }

  /** Calls `listener` for each directory whose number or place stands for another path from now on. */
  onMoved(listener: (id: NodeId) => void): void {
    this.#listeners.push(listener);
  }

  /** Calls `listener` behind each commit; there is one at the most. */
  set onCommit(listener: () => void) {
    this.#onCommit = listener;
  }

  /** Calls `listener` for each node that is removed. */
  onRemoved(listener: (node: CatalogueNode) => void): void {
    this.#removedListeners.push(listener);
  }

  /** A new node. Without a cause it was there before anybody looked, which is no event. */
  create(place: Place, state: NodeState, cause: Cause | undefined): NodeId {
    const id = this.rows.newId();
    this.rows.insert(id, place, state);
    if (state.kind === 'directory') {
      this.sums.begin(id, state.disk, state.ctime, place);
      this.sums.list(place, state, 1);
    } else this.#weigh(id, place, state, 1);
    if (cause !== undefined) this.#record(cause, { node: id, kind: 'created', to: place });
    else if (isLinked(state)) this.rows.noteListedLink();
    return id;
  }

  /** The same file has another stat. Returns whether its content may have changed. */
  change(node: CatalogueNode, state: NodeState, cause: Cause): boolean {
    if (!differs(node, state)) return false;
    const kind = differenceOf(node, state);
    if (node.kind === 'directory') this.touch(node.id);
    // A digest is of the content that was read; another size or time, or a change time alone, means that nobody has read this one.
    const isOther = node.kind === 'file' && (kind === 'modified' || node.ctime !== state.ctime);
    const digest = isOther && kind === 'modified' ? undefined : node.digest;
    if (kind !== undefined && !(kind === 'modified' && this.journal.continuesModification(node.id, cause, node)))
      this.#record(cause, { node: node.id, kind, before: node });
    this.#replace(node, { ...state, digest });
    if (isOther && digest !== undefined) this.#unread.add(node.id);
    return isOther;
  }

  /** Writes an event, or notes in the directories that are concerned that one is not recorded. */
  #record(cause: Cause, happening: Happening & { readonly before?: CatalogueNode }): number | undefined {
    const event = this.journal.write(cause, happening);
    if (event === undefined)
      for (const directory of new Set([happening.from?.parent, happening.to?.parent, happening.before?.parent]))
        if (directory !== undefined && directory > NO_DIRECTORY) this.#unrecorded.run(this.journal.next, directory);
    return event;
  }

  /**
   * Notes that something has become of a directory itself, or of a name in it: its times, sizes or extended attributes may be others, which is no event. Whoever wants to know what may
   * differ since a moment finds it by this.
   */
  touch(directory: NodeId): void {
    this.#touch.run(this.journal.next, directory);
  }

  /** Another directory has taken the place of the top of a root. */
  replaceTop(node: CatalogueNode, state: NodeState): void {
    this.#replace(node, { ...state, digest: undefined });
  }

  /**
   * The digest of a node's content has become known. When another one was, the content is not what it was: damage, unless something had shown beforehand that it
   * might have changed.
   */
  setDigest(node: CatalogueNode, digest: Uint8Array, cause: Cause, sign: 'seen' | 'none'): void {
    this.#unread.delete(node.id);
    if (node.digest !== undefined && Buffer.from(node.digest).equals(digest)) return;
    if (node.digest !== undefined) this.#record(cause, { node: node.id, kind: sign === 'seen' ? 'modified' : 'rotted', before: node });
    this.#replace(node, { ...node, digest });
  }

  /** A node has left its place for another. `state` is its stat at the new one. */
  move(node: CatalogueNode, to: Place, state: NodeState, cause: Cause): CatalogueNode {
    const from = node.parent === LIMBO ? this.#lastPlace(node.id) : { parent: node.parent, name: node.name };
    // What was added up below it belongs to the place that it leaves, or to none.
    if (node.kind === 'directory') this.sums.settle();
    this.#weighAway(node);
    this.rows.move(node.id, to);
    this.#record(cause, { node: node.id, kind: 'moved', from, to, before: node });
    const moved = { ...node, ...to };
    const keepsDigest = node.size === state.size && node.mtime === state.mtime;
    const now = { ...state, digest: keepsDigest ? node.digest : undefined };
    this.rows.update(node, now);
    if (node.kind === 'directory') {
      this.sums.moved(node.id);
      for (const listener of this.#listeners) listener(node.id);
    }
    this.#weigh(node.id, to, now, 1, cause.time);
    if (now.disk !== node.disk && node.kind === 'directory') this.#grow(node, now);
    this.#limbo.delete(node.id);
    return { ...moved, ...now };
  }

  /** Takes a node out of its place until it is known where it went. */
  detach(node: CatalogueNode, cause: Cause): void {
    this.#weighAway(node, cause.time);
    this.rows.move(node.id, { parent: LIMBO, name: limboName(node) });
    if (node.kind === 'directory') {
      this.sums.moved(node.id);
      for (const listener of this.#listeners) listener(node.id);
    }
    this.#limbo.add(node.id, { parent: node.parent, name: node.name }, cause);
  }

  /** A node is gone, or known no more, with everything below it. */
  remove(node: CatalogueNode, cause: Cause, kind: EndKind = 'deleted', within?: number): void {
    const place = node.parent === LIMBO ? this.#lastPlace(node.id) : { parent: node.parent, name: node.name };
    if (within === undefined) this.#weighAway(node, cause.time);
    const event = this.#record(cause, {
      node: node.id,
      kind,
      from: place,
      before: node,
      ...(within !== undefined && { within }),
    });
    if (node.kind === 'directory') {
      for (const child of this.rows.children(node.id)) this.remove(child, cause, kind, within ?? event);
      this.sums.end(node.id);
      for (const listener of this.#listeners) listener(node.id);
    }
    this.rows.delete(node.id);
    this.#unread.delete(node.id);
    this.#limbo.delete(node.id);
    for (const listener of this.#removedListeners) listener(node);
  }

  /** Where a node in limbo was; undefined for others. */
  leftPlace(id: NodeId): Place | undefined {
    return this.#limbo.placeOf(id);
  }

  /** The kernel has told of a place that was seen to be empty before: whoever did that has made what was there leave it. */
  leftBy(place: Place, { process }: Cause): void {
    if (process !== undefined) this.#limbo.attribute(place, process);
  }

  get hasLimbo(): boolean {
    return !this.#limbo.isEmpty;
  }

  /** How many nodes have come into limbo so far: what `clearLimbo` is told later. */
  get detached(): number {
    return this.#limbo.count;
  }

  /** Whether one of the first `count` nodes that ever came into limbo is there still. */
  hasLimboUpTo(count: number): boolean {
    return this.#limbo.hasUpTo(count);
  }

  /** Whether a node is in limbo that was not one of the first `count` that ever came there. */
  hasLeftAfter(id: NodeId, count: number): boolean {
    return this.#limbo.isAfter(id, count);
  }

  /** Removes what is still in limbo of the first `count` nodes that ever came there. Their end has the time of `now`: times do not go back where numbers of events go on. */
  clearLimbo(count: number, now: bigint): void {
    for (const { id, cause } of this.#limbo.upTo(count)) {
      const node = this.rows.get(id);
      if (node !== undefined) this.remove(node, { ...cause, time: now });
    }
  }

  /**
   * Puts back what a process that was killed has left in limbo: that it has left its place is then found again. What cannot go back, because there is something
   * else by now, stays in limbo.
   */
  restoreLimbo(cause: Cause): void {
    for (const node of this.rows.children(LIMBO)) {
      const place = placeOfLimboName(node.name);
      if (!this.#isFree(place, node)) {
        this.#limbo.add(node.id, place, cause);
        continue;
      }
      this.#putBack(node, place);
    }
  }

  /** A node in limbo was met where it was before: nothing has happened to it. */
  comeBack(node: CatalogueNode): CatalogueNode {
    const place = this.#lastPlace(node.id);
    this.#putBack(node, place);
    if (node.kind === 'directory') for (const listener of this.#listeners) listener(node.id);
    this.#limbo.delete(node.id);
    return { ...node, ...place };
  }

  #putBack(node: CatalogueNode, place: Place): void {
    // What came back below it belongs to its weight, and is not to be carried on to where it comes to.
    if (node.kind === 'directory') this.sums.settle();
    this.rows.move(node.id, place);
    if (node.kind === 'directory') this.sums.moved(node.id);
    this.#weigh(node.id, place, node, 1);
  }

  /** Whether nothing is at a place, and its directory is there, and neither that node itself nor in it. */
  #isFree(place: Place, { id }: CatalogueNode): boolean {
    if (this.rows.at(place) !== undefined) return false;
    let above = this.rows.get(place.parent);
    if (above?.kind !== 'directory') return false;
    while (above !== undefined && above.id !== id) above = this.rows.get(above.parent);
    return above === undefined;
  }

  #lastPlace(id: NodeId): Place {
    const left = this.leftPlace(id);
    if (left === undefined) throw new Error(`nobody has seen node ${id} leave its place`);
    return left;
  }

  #replace(node: CatalogueNode, state: NodeState): void {
    if (node.kind === 'directory') {
      this.#grow(node, state);
      this.sums.list(node, node, -1);
      this.sums.list(node, state, 1);
    } else {
      this.#weigh(node.id, node, node, -1);
      this.#weigh(node.id, node, state, 1);
    }
    this.rows.update(node, state);
  }

  /** What a directory takes itself is another by now. */
  #grow(node: CatalogueNode, { disk, ctime }: NodeState): void {
    this.sums.add(node.id, { ...NO_SUMS, disk: disk - node.disk }, ctime, undefined);
  }

  #weigh(id: NodeId, place: Place, state: NodeState, times: 1 | -1, time = 0n): void {
    this.sums.list(place, state, times);
    if (state.kind === 'directory') {
      const { sums, newest, hash } = this.sums.weight(id, place);
      this.sums.add(place.parent, sums, time > newest ? time : newest, hash, times);
      return;
    }
    const newest = time > state.ctime ? time : state.ctime;
    this.sums.add(place.parent, sumsOf(state), newest, entryHash({ ...state, name: place.name }), times);
  }

  #weighAway(node: CatalogueNode, time = 0n): void {
    if (node.parent !== LIMBO) this.#weigh(node.id, node, node, -1, time);
  }
}

const NO_SUMS: DirectorySums = { size: 0n, disk: 0, files: 0, directories: 0, unhashed: 0 };

/** What a node that is no directory adds to the sums of its directory. */
export function sumsOf({ kind, size, disk, digest }: Pick<NodeState, 'kind' | 'size' | 'disk' | 'digest'>): DirectorySums {
  const isFile = kind === 'file';
  return { size: isFile ? BigInt(size) : 0n, disk, files: 1, directories: 0, unhashed: isFile && digest === undefined ? 1 : 0 };
}
