import { basename } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { type ByteName, nameFromText, nameToBytes } from '../../../src/base/names.ts';
import { encodeRef } from '../../../src/block/ref-codec.ts';
import { NODE_COLUMNS } from '../../../src/catalogue/rows.ts';
import { encodeState } from '../../../src/catalogue/state-codec.ts';
import { EVENT_KINDS, type EventKind, LIMBO, NO_DIRECTORY, type NodeId, type NodeState, type Place } from '../../../src/catalogue/types.ts';
import { blake3 } from '../../../src/hash/blake3.ts';

const TYPES = { file: 8, directory: 4 } as const;

export interface ModelNode extends Place {
  readonly id: NodeId;
  readonly state: NodeState;
}

/** What a tree looked like: path → node. */
export type Snapshot = ReadonlyMap<string, ModelNode>;

/** The tree behind the events up to `event`, all of which happened by `time`. `leaving` are nodes that are in it no more, of which that is told later. */
export interface Recorded {
  readonly event: number;
  readonly time: bigint;
  readonly tree: Snapshot;
  readonly leaving: ReadonlySet<NodeId>;
}

/**
 * Writes tables as docs/formats.md says, without any of the means of the real writer, and keeps every state of the tree in memory beside them. What was there at the
 * beginning is made while `isFirstScan`.
 */
export class NaiveWriter {
  readonly nodes = new Map<NodeId, ModelNode>();
  readonly recorded: Recorded[] = [];
  readonly root: NodeId;
  readonly #database: DatabaseSync;
  time = 1_700_000_000_000_000_000n;
  process: number | undefined;
  isFirstScan = true;
  /** Whether the end of what a move replaces is told by the next change, as it is when that was in limbo. */
  tellsEndsLate = false;
  /** What was replaced, each with all that was below it. */
  #leaving: ModelNode[][] = [];
  #nextId = 1;
  #within: number | undefined;

  constructor(database: DatabaseSync, rootPath: string) {
    this.#database = database;
    database.exec('BEGIN');
    this.root = this.#addRoot(rootPath);
    database.exec('COMMIT');
  }

  #addRoot(path: string): NodeId {
    const name = nameFromText(path);
    const node = this.create({ parent: NO_DIRECTORY, name }, 'directory');
    this.#database.prepare('INSERT INTO root (node, path, added) VALUES (?, ?, ?)').run(node, nameToBytes(name), this.time);
    return node;
  }

  /** Has the root become a folder of a new one, at the path of the folder that it is in. */
  joinRoot(outerPath: string): void {
    const { name } = this.#get(this.root);
    this.move(this.root, { parent: this.#addRoot(outerPath), name: nameFromText(basename(name)) });
  }

  /** Runs changes as one transaction, and remembers what has come of it. */
  record(change: () => void): void {
    this.time += 1_000_000_000n;
    this.#database.exec('BEGIN');
    this.#tellEnds();
    change();
    this.#database.exec('COMMIT');
    const { event } = this.#database.prepare('SELECT coalesce(max(id), 0) AS event FROM event').get() as { event: number };
    const leaving = new Set(this.#leaving.flat().map(({ id }) => id));
    this.recorded.push({ event, time: this.time, tree: this.#snapshot(), leaving });
  }

  create(place: Place, kind: 'file' | 'directory', content = '', stated: Partial<NodeState> = {}): NodeId {
    const id = this.#nextId++;
    const state: NodeState = {
      kind,
      ...this.#stated(kind, content),
      ctime: this.time,
      born: this.time,
      mode: kind === 'file' ? 0o644 : 0o755,
      uid: 0,
      gid: 0,
      device: 1,
      inode: BigInt(id),
      links: 1,
      ...stated,
    };
    this.#put({ id, ...place, state });
    if (!this.isFirstScan) this.#event(id, 'created', { to: place });
    return id;
  }

  modify(id: NodeId, content: string, stated: Partial<NodeState> = {}): void {
    const node = this.#get(id);
    this.#event(id, 'modified', { before: node.state });
    this.#put({ ...node, state: { ...node.state, ...this.#stated('file', content), ctime: this.time, ...stated } });
  }

  chmod(id: NodeId, mode: number): void {
    const node = this.#get(id);
    this.#event(id, 'attributes', { before: node.state });
    this.#put({ ...node, state: { ...node.state, mode, ctime: this.time } });
  }

  /** What changes without an event. */
  restate(id: NodeId, stated: Partial<NodeState>): void {
    const node = this.#get(id);
    this.#put({ ...node, state: { ...node.state, ...stated } });
  }

  /** Over what is there, which is deleted. */
  move(id: NodeId, to: Place): void {
    const node = this.#get(id);
    const taken = this.at(to);
    if (taken !== undefined && this.tellsEndsLate) this.#detach(taken.id);
    else if (taken !== undefined) this.remove(taken.id);
    this.#event(id, 'moved', { from: node, to, before: node.state });
    this.#put({ ...node, ...to, state: { ...node.state, ctime: this.time } });
  }

  #detach(id: NodeId): void {
    const { parent, name } = this.#get(id);
    const nodes = [...this.nodes.values()].filter((node) => this.isBelow(node.id, id));
    for (const node of nodes) this.nodes.delete(node.id);
    this.#leaving.push(nodes);
    const limboName = Buffer.concat([Buffer.from(`${id}/${parent}/`), nameToBytes(name)]);
    this.#database.prepare('UPDATE node SET parent = ?, name = ? WHERE id = ?').run(LIMBO, limboName, id);
  }

  #tellEnds(): void {
    const told = this.#leaving.splice(0);
    for (const node of told.flat()) this.nodes.set(node.id, node);
    for (const nodes of told) for (const { id } of nodes) if (this.nodes.has(id)) this.remove(id);
  }

  remove(id: NodeId): void {
    const node = this.#get(id);
    const event = this.#event(id, 'deleted', { from: node, before: node.state });
    const isTop = this.#within === undefined;
    this.#within ??= event;
    for (const child of this.children(id)) this.remove(child.id);
    if (isTop) this.#within = undefined;
    this.nodes.delete(id);
    this.#database.prepare('DELETE FROM node WHERE id = ?').run(id);
    this.#database.prepare('DELETE FROM directory WHERE node = ?').run(id);
  }

  /** Whether each content is kept. */
  keepsAll = false;

  /** Has the store keep a content that is short enough to need no block. */
  keep(content: string): void {
    const bytes = Buffer.from(content);
    const ref = encodeRef({ kind: 'literal', bytes, size: bytes.length });
    this.#database.prepare('INSERT OR IGNORE INTO content VALUES (?, ?, ?, ?)').run(blake3.hash(bytes), bytes.length, ref, this.time);
  }

  /** Brings table `directory` up to the tree as it is. */
  writeSums(): void {
    this.#database.exec('DELETE FROM directory');
    const put = this.#database.prepare('INSERT INTO directory (node, size, disk, files, directories, listed) VALUES (?, ?, ?, ?, ?, ?)');
    for (const [path, { id, state }] of this.#snapshot()) {
      if (state.kind !== 'directory') continue;
      const { size, disk, files, directories } = weightIn(this.#snapshot(), path);
      put.run(id, size, disk, files, directories, this.time);
    }
  }

  at({ parent, name }: Place): ModelNode | undefined {
    return this.children(parent).find((node) => node.name === name);
  }

  children(parent: NodeId): ModelNode[] {
    return [...this.nodes.values()].filter((node) => node.parent === parent);
  }

  isBelow(id: NodeId, above: NodeId): boolean {
    for (let at = id; at !== NO_DIRECTORY; at = this.#get(at).parent) if (at === above) return true;
    return false;
  }

  pathOf(id: NodeId): string {
    const { parent, name } = this.#get(id);
    return parent === NO_DIRECTORY ? name : `${this.pathOf(parent)}/${name}`;
  }

  #get(id: NodeId): ModelNode {
    return this.nodes.get(id) as ModelNode;
  }

  #stated(kind: 'file' | 'directory', content: string): Pick<NodeState, 'size' | 'disk' | 'mtime' | 'digest'> {
    const size = kind === 'file' ? content.length : 4096;
    if (kind === 'file' && this.keepsAll) this.keep(content);
    return { size, disk: 8, mtime: this.time, digest: kind === 'file' ? blake3.hash(Buffer.from(content)) : undefined };
  }

  #put(node: ModelNode): void {
    this.nodes.set(node.id, node);
    const { kind, size, disk, mtime, ctime, born, mode, uid, gid, device, inode, links, digest } = node.state;
    this.#database
      .prepare(`INSERT OR REPLACE INTO node (${NODE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
      .run(
        ...[node.id, node.parent, nameToBytes(node.name), TYPES[kind as 'file'], size, disk, mtime, ctime, born, mode, uid, gid],
        ...[device, inode, links, digest ?? null],
      );
  }

  #event(node: NodeId, kind: EventKind, what: { from?: Place; to?: Place; before?: NodeState }): number {
    const { from, to, before } = what;
    const { lastInsertRowid } = this.#database
      .prepare(
        `INSERT INTO event (time, node, kind, origin, process, fromParent, fromName, toParent, toName, within, before)
         VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        ...[this.time, node, EVENT_KINDS.indexOf(kind), this.process ?? null, from?.parent ?? null, from ? nameToBytes(from.name) : null],
        ...[to?.parent ?? null, to ? nameToBytes(to.name) : null, this.#within ?? null],
        before === undefined ? null : encodeState(before),
      );
    return Number(lastInsertRowid);
  }

  #snapshot(): Snapshot {
    return new Map([...this.nodes.values()].map((node) => [this.pathOf(node.id), node]));
  }
}

/** What a path weighs in a tree: of a directory what table `directory` says of it. */
export function weightIn(tree: Snapshot, path: string): { size: number; disk: number; files: number; directories: number } {
  const sums = { size: 0, disk: 0, files: 0, directories: 0 };
  for (const [at, { state }] of tree) {
    if (at !== path && !at.startsWith(`${path}/`)) continue;
    const isDirectory = state.kind === 'directory';
    sums.disk += state.disk;
    if (!isDirectory) sums.size += state.size;
    if (!isDirectory) sums.files++;
    else if (at !== path) sums.directories++;
  }
  return sums;
}

/** A place by text. */
export function placeIn(parent: NodeId, name: string): { readonly parent: NodeId; readonly name: ByteName } {
  return { parent, name: nameFromText(name) };
}
