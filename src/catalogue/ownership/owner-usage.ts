import type { DatabaseSync } from 'node:sqlite';
import { type ByteName, nameFromBytes } from '../../base/names.ts';
import { joined } from '../look/paths.ts';
import type { Owner, SaveFlags } from '../owners/types.ts';
import { ownerOfPath } from '../packages/package-index.ts';
import { DIRECTORY_TYPE, FILE_TYPE } from '../questions/entry-types.ts';
import type { NodeId } from '../types.ts';
import { EventTally, type OwnedDirectory } from './event-tally.ts';
import type { Ownership } from './ownership.ts';

/** What belongs to an owner. Sums are as those of directories: each name counts, and directories have disk usage of their own. */
export interface OwnerUsage {
  /** Undefined: nobody. */
  readonly owner: Owner | undefined;
  /** What is done with most of its files. */
  readonly flags: SaveFlags;
  readonly files: number;
  readonly size: number;
  /** In units of 512 bytes. */
  readonly disk: number;
  /** Recorded changes of what is its now, and of what was when it went. */
  readonly events: number;
}

/** A folder or file of the catalogue, with its path. */
export interface UsageTop {
  readonly node: NodeId;
  readonly path: ByteName;
}

/**
 * Who owns what is at and below some places, the largest first: every byte is attributed to an owner or to nobody. Reads every row below: 140 000 nodes of
 * which most are of packages take about a second. To be called within `atOneMoment`.
 */
export function ownerUsage(database: DatabaseSync, ownership: Ownership, tops: readonly UsageTop[]): OwnerUsage[] {
  const tallies = new Map<string, Tally>();
  const tallyOf = (owner: Owner | undefined) => {
    const id = owner?.id ?? NOBODY;
    const known = tallies.get(id);
    if (known !== undefined) return known;
    const tally = new Tally(owner);
    tallies.set(id, tally);
    return tally;
  };
  const events = new EventTally(database, ownership.matcher);
  const children = database.prepare('SELECT id, kind, name, CAST(size AS REAL), disk FROM node WHERE parent = ?');
  const itself = database.prepare('SELECT id, kind, name, CAST(size AS REAL), disk FROM node WHERE id = ?');
  for (const statement of [children, itself]) statement.setReturnArrays(true);

  const take = ([id, kind, , size, disk]: NodeRow, owner: Owner | undefined, folder: ByteName) => {
    tallyOf(owner).add(kind, size, disk, events.take(id), ownership.flagsFor(folder, owner));
  };
  const waiting: (OwnedDirectory & { readonly id: NodeId })[] = [];
  for (const { node, path } of tops) {
    const row = itself.get(node) as unknown as NodeRow | undefined;
    if (row === undefined) continue;
    take(row, ownership.ownerOf(path), path);
    if (row[1] === DIRECTORY_TYPE) waiting.push({ id: node, path, state: ownership.matcher.stateOf(path) });
  }
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    const { id, path, state } = directory;
    events.entered(id, directory);
    const packages = ownership.packages.packagesIn(path);
    for (const row of children.iterate(id) as unknown as Iterable<NodeRow>) {
      const name = nameFromBytes(row[2]);
      const own = ownership.matcher.child(state, name);
      take(row, ownerOfPath(own, packages.get(name)), path);
      if (row[1] === DIRECTORY_TYPE) waiting.push({ id: row[0], path: joined(path, name), state: own });
    }
  }
  for (const { directory, name, count } of events.gone()) {
    const path = joined(directory.path, name);
    const owner = ownerOfPath(ownership.matcher.child(directory.state, name), ownership.packages.packageOf(path));
    tallyOf(owner).addEvents(count, ownership.flagsFor(directory.path, owner));
  }
  return [...tallies.values()].map((tally) => tally.usage()).sort((a, b) => b.size - a.size || b.files - a.files || b.events - a.events);
}

type NodeRow = readonly [id: NodeId, kind: number, name: Uint8Array, size: number, disk: number];

/** No owner has an empty id. */
const NOBODY = '';

class Tally {
  readonly #owner: Owner | undefined;
  readonly #flags = new Map<SaveFlags, number>();
  #files = 0;
  #size = 0;
  #disk = 0;
  #events = 0;

  constructor(owner: Owner | undefined) {
    this.#owner = owner;
  }

  add(kind: number, size: number, disk: number, events: number, flags: SaveFlags): void {
    this.#disk += disk;
    if (kind !== DIRECTORY_TYPE) this.#files++;
    if (kind === FILE_TYPE) this.#size += size;
    this.addEvents(events, flags, kind === DIRECTORY_TYPE ? 0 : 1);
  }

  addEvents(events: number, flags: SaveFlags, files = 0): void {
    this.#events += events;
    this.#flags.set(flags, (this.#flags.get(flags) ?? 0) + files);
  }

  usage(): OwnerUsage {
    const [[flags]] = [...this.#flags].sort(([, a], [, b]) => b - a) as [[SaveFlags, number]];
    return { owner: this.#owner, flags, files: this.#files, size: this.#size, disk: this.#disk, events: this.#events };
  }
}
