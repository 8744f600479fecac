import type { DatabaseSync } from 'node:sqlite';
import { type ByteName, nameToBytes } from '../../../src/base/names.ts';
import { NODE_COLUMNS } from '../../../src/catalogue/rows.ts';
import { encodeState } from '../../../src/catalogue/state-codec.ts';
import { EVENT_KINDS, type EventKind, type NodeId, type NodeState } from '../../../src/catalogue/types.ts';
import type { Random } from '../random.ts';
import { DIRECTORY, FILE } from './fill.ts';
import { inventedName } from './invented-tree.ts';

interface PlayedNode {
  readonly id: NodeId;
  parent: NodeId;
  name: ByteName;
  readonly type: number;
  size: number;
}

/** What lies below a folder, by its path. */
export type NaiveSums = Map<string, { size: number; files: number; directories: number }>;

/** A tree that changes at random, with the rows and events that docs/formats.md asks for; a plain map of it says what is true. Event number n happens at n seconds. */
export class PlayedHistory {
  readonly top: NodeId = 1;
  readonly #database: DatabaseSync;
  readonly #random: Random;
  readonly #nodes = new Map<NodeId, PlayedNode>();
  #nextId = 1;
  #events = 0;

  constructor(database: DatabaseSync, random: Random) {
    this.#database = database;
    this.#random = random;
    this.#insert({ id: this.#nextId++, parent: 0, name: '/r' as ByteName, type: DIRECTORY, size: 0 });
    database.prepare('INSERT INTO root (node, path, added) VALUES (1, ?, 0)').run(Buffer.from('/r'));
    for (let i = 0; i < 60; i++) this.#create(false);
  }

  /** The number of the last event. */
  get lastEvent(): number {
    return this.#events;
  }

  play(): void {
    const random = this.#random;
    const node = random.pick([...this.#nodes.values()]);
    const choice = random.below(10);
    if (choice < 4 || node.id === this.top) this.#create(true);
    else if (choice < 6 && node.type === FILE) this.#modify(node);
    else if (choice < 9) this.#move(node);
    else this.#remove(node);
  }

  /** Every folder with what is below it. */
  sums(): NaiveSums {
    const sums: NaiveSums = new Map();
    for (const node of this.#nodes.values())
      if (node.type === DIRECTORY) sums.set(this.pathOf(node), { size: 0, files: 0, directories: 0 });
    for (const node of this.#nodes.values()) {
      for (let above = this.#nodes.get(node.parent); above !== undefined; above = this.#nodes.get(above.parent)) {
        const sum = sums.get(this.pathOf(above)) as { size: number; files: number; directories: number };
        if (node.type === DIRECTORY) sum.directories++;
        else {
          sum.files++;
          sum.size += node.size;
        }
      }
    }
    return sums;
  }

  /** Paths of all nodes. */
  paths(): string[] {
    return [...this.#nodes.values()].map((node) => this.pathOf(node));
  }

  /** Writes the sums of now into the table `directory`. */
  settle(): void {
    const sums = this.sums();
    this.#database.exec('DELETE FROM directory');
    const insert = this.#database.prepare('INSERT INTO directory (node, size, files, directories) VALUES (?, ?, ?, ?)');
    for (const node of this.#nodes.values()) {
      const sum = sums.get(this.pathOf(node));
      if (node.type === DIRECTORY && sum !== undefined) insert.run(node.id, sum.size, sum.files, sum.directories);
    }
  }

  pathOf(node: PlayedNode): string {
    const above = this.#nodes.get(node.parent);
    return above === undefined ? node.name : `${this.pathOf(above)}/${node.name}`;
  }

  #create(isEvent: boolean): void {
    const parent = this.#folder();
    const name = this.#freeName(parent.id);
    const type = this.#random.chance(0.4) ? DIRECTORY : FILE;
    const node = { id: this.#nextId++, parent: parent.id, name, type, size: type === FILE ? this.#random.below(1000) : 0 };
    this.#insert(node);
    if (isEvent) this.#write(node, 'created', { to: node });
  }

  #modify(node: PlayedNode): void {
    this.#write(node, 'modified', { before: node });
    node.size = this.#random.below(1000);
    this.#database.prepare('UPDATE node SET size = ? WHERE id = ?').run(node.size, node.id);
  }

  #move(node: PlayedNode): void {
    const parent = this.#folder();
    for (let above: PlayedNode | undefined = parent; above !== undefined; above = this.#nodes.get(above.parent)) if (above === node) return;
    const name = this.#freeName(parent.id);
    this.#write(node, 'moved', { from: { ...node }, to: { parent: parent.id, name }, before: node });
    node.parent = parent.id;
    node.name = name;
    this.#database.prepare('UPDATE node SET parent = ?, name = ? WHERE id = ?').run(parent.id, nameToBytes(name), node.id);
  }

  #remove(node: PlayedNode, within?: number): void {
    const event = this.#write(node, 'deleted', { from: node, before: node, ...(within !== undefined && { within }) });
    for (const child of [...this.#nodes.values()]) if (child.parent === node.id) this.#remove(child, within ?? event);
    this.#nodes.delete(node.id);
    this.#database.prepare('DELETE FROM node WHERE id = ?').run(node.id);
  }

  #folder(): PlayedNode {
    return this.#random.pick([...this.#nodes.values()].filter(({ type }) => type === DIRECTORY));
  }

  #freeName(parent: NodeId): ByteName {
    const taken = new Set([...this.#nodes.values()].filter((node) => node.parent === parent).map(({ name }) => name));
    for (;;) {
      const name = inventedName(this.#random);
      if (!taken.has(name)) return name;
    }
  }

  #insert(node: PlayedNode): void {
    this.#nodes.set(node.id, node);
    this.#database
      .prepare(`INSERT INTO node (${NODE_COLUMNS}) VALUES (?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0, 0, 1, ?, 1, NULL)`)
      .run(node.id, node.parent, nameToBytes(node.name), node.type, node.size, node.id);
  }

  #write(
    node: PlayedNode,
    kind: EventKind,
    {
      from,
      to,
      before,
      within,
    }: { from?: Pick<PlayedNode, 'parent' | 'name'>; to?: Pick<PlayedNode, 'parent' | 'name'>; before?: PlayedNode; within?: number },
  ): number {
    const number = ++this.#events;
    this.#database
      .prepare('INSERT INTO event VALUES (?, ?, ?, ?, 0, NULL, ?, ?, ?, ?, ?, ?)')
      .run(
        ...[number, BigInt(number) * 1_000_000_000n, node.id, EVENT_KINDS.indexOf(kind)],
        ...[from?.parent ?? null, from === undefined ? null : nameToBytes(from.name)],
        ...[to?.parent ?? null, to === undefined ? null : nameToBytes(to.name)],
        ...[within ?? null, before === undefined ? null : stateOf(before)],
      );
    return number;
  }
}

function stateOf({ id, type, size }: PlayedNode): Uint8Array {
  const state: NodeState = {
    kind: type === DIRECTORY ? 'directory' : 'file',
    ...{ size, disk: 0, mtime: 0n, ctime: 0n, born: 0n, mode: 0, uid: 0, gid: 0, device: 1, links: 1 },
    inode: BigInt(id),
    digest: undefined,
  };
  return encodeState(state);
}
