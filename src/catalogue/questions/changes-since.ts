import type { DatabaseSync } from 'node:sqlite';
import { weighState } from '../state-codec.ts';
import { EVENT_KINDS, NO_DIRECTORY, type NodeId } from '../types.ts';
import { DIRECTORY_TYPE, FILE_TYPE } from './entry-types.ts';
import type { EventId } from './past-places.ts';

const CREATED = EVENT_KINDS.indexOf('created');
/** Folders whose weight is gathered in memory before it is added to the table: a megabyte. */
const MOST_GATHERED = 10_000;

let made = 0;

/** A row of what happened to a node: an event behind the moment, and beside it the node as it is now. */
type ChangeRow = readonly [
  node: NodeId,
  kind: number,
  fromParent: NodeId | null,
  fromName: Uint8Array | null,
  before: Uint8Array | null,
  parent: NodeId | null,
  name: Uint8Array | null,
  type: number | null,
  size: number | null,
];

/** A node at the moment and now, as far as that is known; `left`: the place that it left first. */
interface Change {
  readonly row: ChangeRow;
  left: readonly [NodeId, Uint8Array] | undefined;
}

/**
 * What has changed behind an event, in temporary tables of the connection, which go with it. Beyond SQLite's cache they are in a file, so memory does not grow with the history. To be made, and asked, within
 * `atOneMoment`. The tables:
 *
 * - `changed` (node): whatever an event behind the moment is about.
 * - `was` (parent, node, name): changed folders, by the one that they were in; `is` (parent, node): by the one that they are in.
 * - `weight` (folder, size, files): how much more the files in a folder itself were then than now.
 * - `way` (parent, node): folders that have not changed themselves, with something changed below.
 */
export class ChangesSince {
  readonly #database: DatabaseSync;
  readonly #prefix = `temp.since_${++made}_`;
  /** Waits to be added to `weight`. */
  readonly #weights = new Map<NodeId, { size: number; files: number }>();
  readonly #addWeight;
  readonly #addWas;
  readonly #addIs;

  constructor(database: DatabaseSync, after: EventId) {
    this.#database = database;
    const { changed, was, is, weight, way } = this.tables;
    database.exec(`
      CREATE TABLE ${changed} (node INTEGER PRIMARY KEY);
      CREATE TABLE ${was} (parent INTEGER, node INTEGER, name BLOB, PRIMARY KEY (parent, node)) WITHOUT ROWID;
      CREATE TABLE ${is} (parent INTEGER, node INTEGER, PRIMARY KEY (parent, node)) WITHOUT ROWID;
      CREATE TABLE ${weight} (folder INTEGER PRIMARY KEY, size INTEGER, files INTEGER);
      CREATE TABLE ${way} (parent INTEGER, node INTEGER, PRIMARY KEY (parent, node)) WITHOUT ROWID;
    `);
    this.#addWeight = database.prepare(
      `INSERT INTO ${weight} VALUES (?, ?, ?) ON CONFLICT (folder) DO UPDATE SET size = size + excluded.size, files = files + excluded.files`,
    );
    this.#addWas = database.prepare(`INSERT INTO ${was} VALUES (?, ?, ?)`);
    this.#addIs = database.prepare(`INSERT INTO ${is} VALUES (?, ?)`);
    database.prepare(`INSERT OR IGNORE INTO ${changed} SELECT node FROM event NOT INDEXED WHERE id > ?`).run(after);
    this.#gather(after);
    this.#climb();
  }

  /** The names of the tables in SQL. */
  get tables(): Readonly<Record<'changed' | 'was' | 'is' | 'weight' | 'way', string>> {
    const prefix = this.#prefix;
    return { changed: `${prefix}changed`, was: `${prefix}was`, is: `${prefix}is`, weight: `${prefix}weight`, way: `${prefix}way` };
  }

  /** Node by node, in the order of their events. */
  #gather(after: EventId): void {
    const rows = this.#database.prepare(`
      SELECT changed.node, event.kind, fromParent, fromName, before, node.parent, node.name, node.kind, CAST(node.size AS REAL)
      FROM ${this.tables.changed} AS changed CROSS JOIN event INDEXED BY event_node ON event.node = changed.node AND event.id > ?
      LEFT JOIN node ON node.id = changed.node
      ORDER BY changed.node, event.id`);
    rows.setReturnArrays(true);
    let change: Change | undefined;
    for (const row of rows.iterate(after) as unknown as Iterable<ChangeRow>) {
      if (change !== undefined && change.row[0] !== row[0]) this.#take(change);
      if (change === undefined || change.row[0] !== row[0]) change = { row, left: undefined };
      const [, , parent, name] = row;
      if (parent !== null && name !== null) change.left ??= [parent, name];
    }
    if (change !== undefined) this.#take(change);
    this.#flush();
  }

  #take({ row: [node, kind, , , before, parent, name, type, size], left }: Change): void {
    if (parent !== null && type === DIRECTORY_TYPE) this.#addIs.run(parent, node);
    else if (parent !== null) this.#weigh(parent, type === FILE_TYPE ? (size as number) : 0, -1);
    // Where it was when no event took it away since: where it is.
    const place = left ?? (parent === null || name === null ? undefined : ([parent, name] as const));
    if (kind === CREATED || before === null || place === undefined) return;
    const state = weighState(before);
    if (state.kind === 'directory') this.#addWas.run(place[0], node, place[1]);
    else this.#weigh(place[0], state.kind === 'file' ? state.size : 0, 1);
  }

  #weigh(folder: NodeId, size: number, times: 1 | -1): void {
    const known = this.#weights.get(folder);
    if (known === undefined) {
      if (this.#weights.size >= MOST_GATHERED) this.#flush();
      this.#weights.set(folder, { size: times * size, files: times });
    } else {
      known.size += times * size;
      known.files += times;
    }
  }

  #flush(): void {
    for (const [folder, { size, files }] of this.#weights) this.#addWeight.run(folder, size, files);
    this.#weights.clear();
  }

  /** Notes the ways from all changes upward; the way of a changed folder goes on from where it was and from where it is, which are changes too. */
  #climb(): void {
    const { changed, was, is, weight, way } = this.tables;
    const above = this.#database.prepare(`SELECT parent FROM node WHERE id = ? AND NOT EXISTS (SELECT 1 FROM ${changed} WHERE node = id)`);
    const add = this.#database.prepare(`INSERT OR IGNORE INTO ${way} VALUES (?, ?)`);
    const starts = this.#database.prepare(`SELECT folder FROM ${weight} UNION SELECT parent FROM ${was} UNION SELECT parent FROM ${is}`);
    for (const { folder } of starts.iterate()) {
      for (let at = folder as NodeId; at > NO_DIRECTORY; ) {
        const parent = above.get(at)?.parent as NodeId | undefined;
        if (parent === undefined || add.run(parent, at).changes === 0) break;
        at = parent;
      }
    }
  }
}
