import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type ByteName, nameFromBytes } from '../../base/names.ts';
import { joined } from '../look/paths.ts';
import type { OwnerMatcher, OwnerState } from '../owners/matcher.ts';
import { EVENT_KINDS, isEnd, type NodeId } from '../types.ts';

/** A directory, and who owns it. */
export interface OwnedDirectory {
  readonly path: ByteName;
  readonly state: OwnerState;
}

/** Events of something that is gone, and where it was last. */
export interface GoneEvents {
  readonly directory: OwnedDirectory;
  readonly name: ByteName;
  readonly count: number;
}

interface LastPlace {
  readonly parent: NodeId;
  readonly name: ByteName;
}

const ENDS = EVENT_KINDS.flatMap((kind, number) => (isEnd(kind) ? number : []));

/** How many events each node has: those that are met in a walk, and behind it those that went from where it has been. */
export class EventTally {
  readonly #database: DatabaseSync;
  readonly #matcher: OwnerMatcher;
  /** Of nodes that were not met. */
  readonly #counts = new Map<NodeId, number>();
  /** Directories of the walk, and those that were in them; undefined: elsewhere. */
  readonly #directories = new Map<NodeId, OwnedDirectory | undefined>();

  constructor(database: DatabaseSync, matcher: OwnerMatcher) {
    this.#database = database;
    this.#matcher = matcher;
    const counts = database.prepare('SELECT node, count(*) FROM event INDEXED BY event_node GROUP BY node');
    counts.setReturnArrays(true);
    for (const [node, count] of counts.iterate() as unknown as Iterable<[NodeId, number]>) this.#counts.set(node, count);
  }

  /** The events of a node that the walk has met. */
  take(node: NodeId): number {
    const count = this.#counts.get(node);
    if (count === undefined) return 0;
    this.#counts.delete(node);
    return count;
  }

  /** The walk has entered a directory. */
  entered(node: NodeId, directory: OwnedDirectory): void {
    this.#directories.set(node, directory);
  }

  /** Behind the walk: the events of what went from the directories of the walk, or with them. */
  *gone(): Generator<GoneEvents> {
    if (this.#counts.size === 0) return;
    const places = this.#placesOfDirectories();
    const deleted = this.#database.prepare(`SELECT node, fromParent, fromName FROM event WHERE kind IN (${ENDS})`);
    for (const place of rows(deleted)) {
      const found = this.#gone(place.node, place, places);
      if (found !== undefined) yield found;
    }
    // What is left is elsewhere, or its end was not recorded.
    const arrival = this.#database.prepare(
      'SELECT node, toParent, toName FROM event INDEXED BY event_arrival WHERE node = ? AND toParent IS NOT NULL ORDER BY id DESC LIMIT 1',
    );
    const isThere = this.#database.prepare('SELECT 1 FROM node WHERE id = ?');
    for (const node of this.#counts.keys()) {
      const [place] = isThere.get(node) === undefined ? rows(arrival, node) : [];
      const found = place && this.#gone(node, place, places);
      if (found !== undefined) yield found;
    }
  }

  #gone(node: NodeId, { parent, name }: LastPlace, places: ReadonlyMap<NodeId, LastPlace>): GoneEvents | undefined {
    const count = this.#counts.get(node);
    const directory = count === undefined ? undefined : this.#directory(parent, places);
    if (count === undefined || directory === undefined) return undefined;
    this.#counts.delete(node);
    return { directory, name, count };
  }

  #directory(id: NodeId, places: ReadonlyMap<NodeId, LastPlace>): OwnedDirectory | undefined {
    if (this.#directories.has(id)) return this.#directories.get(id);
    const place = places.get(id);
    // In a damaged catalogue the way up could be a circle.
    this.#directories.set(id, undefined);
    const above = place && this.#directory(place.parent, places);
    const found = above && place && { path: joined(above.path, place.name), state: this.#matcher.child(above.state, place.name) };
    this.#directories.set(id, found);
    return found;
  }

  /** Where directories were that are gone, as far as something went from them. */
  #placesOfDirectories(): Map<NodeId, LastPlace> {
    const statement = this.#database.prepare(
      `SELECT node, fromParent, fromName FROM event WHERE kind IN (${ENDS}) AND node IN (SELECT fromParent FROM event WHERE fromParent IS NOT NULL)`,
    );
    return new Map([...rows(statement)].map(({ node, parent, name }) => [node, { parent, name }]));
  }
}

function* rows(statement: StatementSync, ...parameters: number[]): Generator<LastPlace & { readonly node: NodeId }> {
  statement.setReturnArrays(true);
  for (const [node, parent, name] of statement.iterate(...parameters) as unknown as Iterable<[number, number | null, Uint8Array | null]>)
    if (parent !== null && name !== null) yield { node, parent, name: nameFromBytes(name) };
}
