import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ByteName } from '../../base/names.ts';
import { typeOfKind } from '../../sys/stat.ts';
import type { Change } from '../../tree/save/changes.ts';
import { RULE_FILES } from '../../tree/save/exclusion.ts';
import type { Moment } from '../history/types.ts';
import { nodeAt, Places, pathBelow } from '../questions/places.ts';
import { nameOf, type Row, reading } from '../rows.ts';
import { decodeState } from '../state-codec.ts';
import { LIMBO, NO_DIRECTORY, type NodeId, type Place } from '../types.ts';
import { linksToLookAt } from './link-groups.ts';
import type { ChangesSince, WatchedSource } from './types.ts';

/** Beyond so many events, reading them takes about as long as looking at the files. */
const MOST_EVENTS = 200_000;
/** So many changes are looked at in any case; beyond, no more than this part of all files, since what is looked at is read. */
const FEW_CHANGES = 1000;
const MOST_OF_ALL = 1 / 4;
/** Failures in the journal of the catalogue; each is looked at again. */
const MOST_FAILURES = 1000;

const DIRECTORY = typeOfKind('directory');
const SELF = '.';

/**
 * Everything below a source that may differ from what it was at `since`: a moment at which everything was in the catalogue, as it is now. `suspects` are paths below the source that
 * are to be looked at in any case. To be asked at one moment of the catalogue.
 *
 * Named is where something stands now, and the places that are left. What happened in between is of no concern: the places are looked at on disk.
 */
export function changesSince(database: DatabaseSync, source: WatchedSource, since: Moment, suspects: readonly ByteName[]): ChangesSince {
  const collection = new Collection(database, source);
  const newest = Number(database.prepare('SELECT max(id) AS id FROM event').get()?.id ?? 0);
  if (newest - since > MOST_EVENTS) return { doubt: 'too much has happened since' };
  const problem = collection.addEvents(since);
  if (problem !== undefined) return { doubt: problem };
  collection.addTouched(since);
  for (const path of suspects) collection.addSuspect(path);
  if (!collection.addFailures()) return { doubt: 'too much of it could not be read' };
  collection.addLinks();
  const changes = collection.changes();
  const weight = changes.length + collection.filesArrived;
  return weight > Math.max(FEW_CHANGES, source.files * MOST_OF_ALL) ? { doubt: 'too much has changed since' } : changes;
}

type Scope = NonNullable<Change['scope']>;
const WIDTH: Record<Scope, number> = { attributes: 0, names: 1, all: 2 };

class Collection {
  /** Files in directories that have come. */
  filesArrived = 0;
  readonly #database: DatabaseSync;
  readonly #source: WatchedSource;
  readonly #places: Places;
  readonly #node: StatementSync;
  readonly #files: StatementSync;
  readonly #scopes = new Map<ByteName, Scope>();
  /** Directories below which everything counts as changed, wherever they are. */
  readonly #whole = new Set<NodeId>();
  /** Inodes of files with several links of which something has become. */
  readonly #inodes = new Set<bigint>();

  constructor(database: DatabaseSync, source: WatchedSource) {
    this.#database = database;
    this.#source = source;
    this.#places = new Places(database);
    this.#node = reading(database, 'SELECT parent, name, kind, links, inode FROM node WHERE id = ?');
    this.#files = database.prepare('SELECT files FROM directory WHERE node = ?');
  }

  changes(): Change[] {
    return Array.from(this.#scopes, ([path, scope]) => ({ path, scope }));
  }

  /** Returns what is wrong, when the events do not tell everything. */
  addEvents(since: Moment): string | undefined {
    const events = this.#database.prepare('SELECT node, fromParent, fromName, toParent, before FROM event WHERE id > ? ORDER BY id');
    const left = new Map<string, Place>();
    const arrived = new Map<NodeId, boolean>();
    for (const row of events.iterate(since)) {
      const node = Number(row.node);
      arrived.set(node, arrived.get(node) === true || row.toParent !== null);
      if (row.before !== null) this.#noteLinks(row.before as Uint8Array);
      if (row.fromParent === null) continue;
      const place = { parent: Number(row.fromParent), name: nameOf(row.fromName) };
      // A process that was killed took it away, and nobody knows from where.
      if (place.parent === LIMBO) return 'it is not known from where something has gone';
      left.set(`${place.parent}/${place.name}`, place);
    }
    for (const [node, hasArrived] of arrived) {
      if (node === this.#source.node && hasArrived) return 'the folder itself was moved meanwhile';
      this.#addNode(node, hasArrived);
    }
    for (const place of left.values()) this.#addPlace(place);
    return undefined;
  }

  /** Directories of which something is not told by events. */
  addTouched(since: Moment): void {
    const touched = this.#database.prepare('SELECT node FROM directory INDEXED BY directory_touched WHERE touched > ?');
    for (const { node } of touched.iterate(since)) {
      const path = this.#places.folderPath(Number(node));
      if (path !== undefined) this.#add(path, 'attributes');
    }
    // What has become of names in them nobody has written down.
    const unrecorded = this.#database.prepare('SELECT node FROM directory INDEXED BY directory_unrecorded WHERE unrecorded > ?');
    for (const { node } of unrecorded.iterate(since)) {
      const path = this.#places.folderPath(Number(node));
      if (path === undefined) continue;
      this.#whole.add(Number(node));
      this.#add(path, 'all');
    }
  }

  addSuspect(path: ByteName): void {
    const whole = (path === '' ? this.#source.path : `${prefixOf(this.#source.path)}${path}`) as ByteName;
    const node = nodeAt(this.#database, whole);
    if (node !== undefined) this.#addNode(node, true);
    this.#add(whole, 'all');
  }

  /** What could not be looked at. False when that is too much. */
  addFailures(): boolean {
    const failures = this.#database.prepare(`SELECT node, name FROM failure LIMIT ${MOST_FAILURES + 1}`).all();
    if (failures.length > MOST_FAILURES) return false;
    for (const { node, name } of failures) {
      const folder = this.#places.folderPath(Number(node));
      if (folder === undefined) continue;
      const failed = nameOf(name);
      const path = (failed === SELF ? folder : `${prefixOf(folder)}${failed}`) as ByteName;
      const below = pathBelow(this.#source.path, path);
      if (below !== undefined) this.addSuspect(below);
    }
    return true;
  }

  /** All links of each file of which any is concerned by what was added so far. */
  addLinks(): void {
    for (const path of linksToLookAt(this.#database, this.#source.path, this.#places, { inodes: this.#inodes, directories: this.#whole }))
      this.#add(path, 'names');
  }

  /** Where a node is now; nothing when it is gone. */
  #addNode(id: NodeId, hasArrived: boolean): void {
    const row = this.#node.get(id) as Row | undefined;
    const path = row && this.#places.pathOf(id);
    if (row === undefined || path === undefined) return;
    const parent = Number(row.parent);
    const isDirectory = Number(row.kind) === DIRECTORY;
    if (!isDirectory && Number(row.links) > 1) this.#inodes.add(BigInt.asUintN(64, row.inode as bigint));
    if (parent !== NO_DIRECTORY) this.#noteRules(parent, nameOf(row.name));
    if (!isDirectory || !hasArrived) {
      this.#add(path, isDirectory ? 'attributes' : 'names');
      return;
    }
    this.#whole.add(id);
    if (this.#add(path, 'all')) this.filesArrived += Number(this.#files.get(id)?.files ?? 0);
  }

  /** A place that something has left. */
  #addPlace({ parent, name }: Place): void {
    const folder = parent === NO_DIRECTORY ? undefined : this.#places.folderPath(parent);
    if (folder === undefined) return;
    this.#noteRules(parent, name);
    this.#add(`${prefixOf(folder)}${name}` as ByteName, 'names');
  }

  /** What below a directory is saved at all may have changed with the rules in it. */
  #noteRules(directory: NodeId, name: ByteName): void {
    if (RULE_FILES.includes(name)) this.#whole.add(directory);
  }

  #noteLinks(before: Uint8Array): void {
    const { kind, links, inode } = decodeState(before);
    if (kind !== 'directory' && links > 1) this.#inodes.add(inode);
  }

  /** Whether it lies in the source. */
  #add(path: ByteName, scope: Scope): boolean {
    const below = pathBelow(this.#source.path, path);
    if (below === undefined) return false;
    const known = this.#scopes.get(below);
    if (known === undefined || WIDTH[known] < WIDTH[scope]) this.#scopes.set(below, scope);
    return true;
  }
}

function prefixOf(folder: ByteName): string {
  return folder.endsWith('/') ? folder : `${folder}/`;
}
