import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ByteName } from '../../base/names.ts';
import { joined } from '../look/paths.ts';
import { NO_DIRECTORY, type NodeId, type Place } from '../types.ts';
import { nameOfBlob } from './fold.ts';

/** Number of an event: they are numbered in the order in which changes were noticed. */
export type EventId = number;

/** Deeper than this is a circle in a damaged catalogue. */
const MAX_DEPTH = 65_536;
const MAX_CACHED = 16_384;

/** Where nodes were, by the events that took them elsewhere. For one moment of the catalogue, as in `atOneMoment`. */
export class PastPlaces {
  readonly #left: StatementSync;
  readonly #lastLeft: StatementSync;
  readonly #now: StatementSync;
  readonly #paths = new Map<string, ByteName | undefined>();

  constructor(database: DatabaseSync) {
    const leaving = 'SELECT fromParent AS parent, fromName AS name FROM event WHERE node = ? AND fromParent IS NOT NULL';
    this.#left = database.prepare(`${leaving} AND id > ? ORDER BY id LIMIT 1`);
    this.#lastLeft = database.prepare(`${leaving} ORDER BY id DESC LIMIT 1`);
    this.#now = database.prepare('SELECT parent, name FROM node WHERE id = ?');
  }

  /**
   * Where a node was just after an event: in the place that it left next; else where it is. What was gone by then is given the place that it had last, as the folder of
   * something deleted with it has to be. Undefined for nodes of which nothing is known.
   */
  placeOf(node: NodeId, after: EventId): Place | undefined {
    const row = this.#left.get(node, after) ?? this.#now.get(node) ?? this.#lastLeft.get(node);
    return row === undefined ? undefined : { parent: row.parent as NodeId, name: nameOfBlob(row.name) };
  }

  /** The path of a node just after an event, by the same rule all the way up. */
  pathOf(node: NodeId, after: EventId): ByteName | undefined {
    const key = `${node} ${after}`;
    if (this.#paths.has(key)) return this.#paths.get(key);
    const names: ByteName[] = [];
    let at = node;
    let path: ByteName | undefined;
    while (path === undefined && names.length < MAX_DEPTH) {
      const place = this.placeOf(at, after);
      if (place === undefined) break;
      if (place.parent === NO_DIRECTORY) path = names.reduceRight(joined, place.name);
      names.push(place.name);
      at = place.parent;
    }
    if (this.#paths.size >= MAX_CACHED) this.#paths.clear();
    this.#paths.set(key, path);
    return path;
  }
}
