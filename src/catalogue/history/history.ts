import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { FormatError } from '../../base/errors.ts';
import { type ByteName, nameToBytes } from '../../base/names.ts';
import { kindOfType } from '../../sys/stat.ts';
import { placeOfLimboName } from '../limbo-name.ts';
import { NODE_COLUMNS, nameOf, nodeOfRow, type Row, reading } from '../rows.ts';
import { decodeState, type StateWeight, weighState } from '../state-codec.ts';
import { type CatalogueNode, EVENT_KINDS, isEnd, LIMBO, NO_DIRECTORY, type NodeId, type NodeState, type Place } from '../types.ts';
import type { Moment, PastNode } from './types.ts';

/** Deeper than any file system makes paths: only a damaged catalogue leads here, in a circle. */
const MAX_DEPTH = 100_000;
/** So many nodes' places are remembered before they are asked for anew. */
const REMEMBERED = 50_000;
/** What was replaced may be told to have left behind its successor's own leaving. So many of those are passed over at the most, or a place that is taken over and over would cost all that ever left it. */
const SUCCESSORS = 8;

/** Where a node was in all moments from `since` to `until`; no place: nowhere. */
interface Stay {
  readonly since: Moment;
  readonly until: Moment;
  readonly place: Place | undefined;
}

/**
 * What was at a moment: states, places, paths, children. What has left its place, nobody knows yet for where, counts as being there: its end or its coming to elsewhere is no event yet. Each answer costs a few looks into an index. To be used within `atOneMoment`, which keeps the writer's
 * next commit from coming between two of those looks.
 */
export class History {
  readonly database: DatabaseSync;
  readonly #newest: StatementSync;
  readonly #nextEvent: StatementSync;
  readonly #lastEvent: StatementSync;
  readonly #nextArrival: StatementSync;
  readonly #lastArrival: StatementSync;
  readonly #departures: StatementSync;
  readonly #node: StatementSync;
  readonly #weight: StatementSync;
  readonly #child: StatementSync;
  readonly #present: StatementSync;
  readonly #limbo: StatementSync;
  readonly #departed: StatementSync;
  readonly #unlisted: StatementSync;
  readonly #failed: StatementSync;
  readonly #stays = new Map<NodeId, Stay>();

  constructor(database: DatabaseSync) {
    this.database = database;
    const prepare = (sql: string) => reading(database, sql);
    // Planned without statistics, some of these would be answered by the wrong index.
    this.#newest = prepare('SELECT max(id) AS id FROM event');
    this.#nextEvent = prepare('SELECT kind, before FROM event INDEXED BY event_node WHERE node = ? AND id > ? ORDER BY id LIMIT 1');
    this.#lastEvent = prepare(
      'SELECT id, kind, fromParent, fromName, within FROM event INDEXED BY event_node WHERE node = ? ORDER BY id DESC LIMIT 1',
    );
    const arrival =
      'SELECT id, kind, fromParent, fromName, toParent, toName FROM event INDEXED BY event_arrival WHERE node = ? AND toParent IS NOT NULL';
    this.#nextArrival = prepare(`${arrival} AND id > ? ORDER BY id LIMIT 1`);
    this.#lastArrival = prepare(`${arrival} AND id <= ? ORDER BY id DESC LIMIT 1`);
    this.#departures = prepare(
      'SELECT id, node FROM event INDEXED BY event_from WHERE fromParent = ? AND fromName = ? AND id > ? ORDER BY id',
    );
    this.#node = prepare(`SELECT ${NODE_COLUMNS} FROM node WHERE id = ?`);
    this.#weight = prepare('SELECT kind, CAST(size AS REAL) AS size, disk FROM node WHERE id = ?');
    this.#child = prepare(`SELECT ${NODE_COLUMNS} FROM node WHERE parent = ? AND name = ?`);
    this.#limbo = prepare(`SELECT ${NODE_COLUMNS} FROM node WHERE parent = ${LIMBO}`);
    this.#present = prepare(`
      SELECT ${NODE_COLUMNS.split(', ')
        .map((column) => `node.${column}`)
        .join(', ')}, next.id AS event, next.before
      FROM node LEFT JOIN event AS next ON next.id =
        (SELECT id FROM event INDEXED BY event_node WHERE node = node.id AND id > :moment ORDER BY id LIMIT 1)
      WHERE node.parent = :directory AND NOT EXISTS
        (SELECT 1 FROM event INDEXED BY event_arrival WHERE node = node.id AND toParent IS NOT NULL AND id > :moment)`);
    this.#departed = prepare(
      'SELECT id, node, fromName FROM event INDEXED BY event_from WHERE fromParent = ? AND id > ? ORDER BY fromName, id',
    );
    this.#unlisted = prepare('SELECT 1 FROM directory WHERE node = ? AND listed IS NULL');
    this.#failed = prepare('SELECT 1 FROM failure WHERE node = ?');
  }

  /** The present: the newest event; 0 when there is none. */
  newest(): Moment {
    return Number((this.#newest.get() as Row).id ?? 0);
  }

  /** The row of a node that is there now. */
  node(id: NodeId): CatalogueNode | undefined {
    const row = this.#node.get(id) as Row | undefined;
    return row && nodeOfRow(row);
  }

  /** The node that has that place now. */
  child({ parent, name }: Place): CatalogueNode | undefined {
    const row = this.#child.get(parent, nameToBytes(name)) as Row | undefined;
    return row && nodeOfRow(row);
  }

  /** The nodes that have left a directory, or one place in it, and of which it is not known what has become of them. */
  *leaving(directory: NodeId, name?: ByteName): Generator<CatalogueNode> {
    for (const row of this.#limbo.all() as Row[]) {
      const node = { ...nodeOfRow(row), ...placeOfLimboName(nameOf(row.name)) };
      if (node.parent === directory && (name === undefined || node.name === name)) yield node;
    }
  }

  /** Whether nobody has looked into a directory up to now: of what is or was in it nothing is known. */
  isUnlisted(directory: NodeId): boolean {
    return this.#unlisted.get(directory) !== undefined;
  }

  /** Whether it could not be listed when that was tried, or something in it not looked at. */
  hasFailed(directory: NodeId): boolean {
    return this.#failed.get(directory) !== undefined;
  }

  /** Undefined when the node was not there. */
  stateAt(node: NodeId, moment: Moment): NodeState | undefined {
    const next = this.#nextEvent.get(node, moment) as Row | undefined;
    if (next === undefined) return stateOf(this.node(node));
    return stateBefore(next);
  }

  /** What of that state counts in sums. */
  weightAt(node: NodeId, moment: Moment): StateWeight | undefined {
    const next = this.#nextEvent.get(node, moment) as Row | undefined;
    if (next !== undefined) return next.before === null ? undefined : weighState(next.before as Uint8Array);
    const row = this.#weight.get(node) as Row | undefined;
    return row && { kind: kindOfType(Number(row.kind)) as NodeState['kind'], size: Number(row.size), disk: Number(row.disk) };
  }

  placeAt(node: NodeId, moment: Moment): Place | undefined {
    const known = this.#stays.get(node);
    if (known !== undefined && known.since <= moment && moment <= known.until) return known.place;
    const stay = this.#stayOf(node, moment);
    if (this.#stays.size >= REMEMBERED) this.#stays.clear();
    this.#stays.set(node, stay);
    return stay.place;
  }

  /** From the top of its root on, which is absolute. Undefined when the node, or a directory above it, was nowhere. */
  pathAt(node: NodeId, moment: Moment): ByteName | undefined {
    const names = this.#namesAt(node, moment);
    return names && joinUp(names);
  }

  /** The path of the root that a node was in. Undefined when the node, or a directory above it, was nowhere. */
  rootAt(node: NodeId, moment: Moment): ByteName | undefined {
    return this.#namesAt(node, moment)?.[0];
  }

  #namesAt(node: NodeId, moment: Moment): ByteName[] | undefined {
    const names: ByteName[] = [];
    for (let at = node; names.length < MAX_DEPTH; ) {
      const place = this.placeAt(at, moment);
      if (place === undefined || place.parent < NO_DIRECTORY) return undefined;
      names.push(place.name);
      if (place.parent === NO_DIRECTORY) return names.reverse();
      at = place.parent;
    }
    throw new FormatError('catalogue', `the directories above node ${node} form a circle`);
  }

  /** The path of a node now, or the one that it had last. */
  lastPathOf(node: NodeId): ByteName | undefined {
    const last = this.#lastEvent.get(node) as Row | undefined;
    const isGone = last !== undefined && endsBy(last);
    return this.pathAt(node, isGone ? Number(last.within ?? last.id) - 1 : this.newest());
  }

  /** The nearest of `directories` that something at `place` was in, at whatever depth. */
  above(place: Place, directories: ReadonlySet<NodeId>, moment: Moment): NodeId | undefined {
    let at: Place | undefined = place;
    for (let depth = 0; at !== undefined && at.parent > NO_DIRECTORY && depth < MAX_DEPTH; depth++) {
      if (directories.has(at.parent)) return at.parent;
      at = this.placeAt(at.parent, moment);
    }
    return undefined;
  }

  /** The node that had a place. */
  holderAt({ parent, name }: Place, moment: Moment): NodeId | undefined {
    const now = this.child({ parent, name })?.id;
    // The end of what it has replaced is told behind its coming.
    if (now !== undefined && !this.#arrived(now, moment, Number.MAX_SAFE_INTEGER)) return now;
    const departures = this.#departures.iterate(parent, nameToBytes(name), moment) as Iterable<Row>;
    return this.#lastComer(departures, this.leaving(parent, name), moment);
  }

  /** The child of a directory. */
  childAt(place: Place, moment: Moment): PastNode | undefined {
    const id = this.holderAt(place, moment);
    const state = id === undefined ? undefined : this.stateAt(id, moment);
    return id === undefined || state === undefined ? undefined : { id, parent: place.parent, name: place.name, state };
  }

  /** Everything that was in a directory, sorted by the bytes of the names. Costs what is in it now, and what ever left it. */
  childrenAt(directory: NodeId, moment: Moment): PastNode[] {
    const found: PastNode[] = [];
    for (const row of this.#present.all({ directory, moment }) as Row[]) {
      const now = nodeOfRow(row);
      const { id, parent, name } = now;
      const state = row.event === null ? stateOf(now) : stateBefore(row);
      if (state !== undefined) found.push({ id, parent, name, state });
    }
    const present = new Set(found.map(({ name }) => name));
    const departures = Map.groupBy(this.#departed.all(directory, moment) as Row[], (row) => nameOf(row.fromName));
    // Mostly there are none.
    const leaving = Map.groupBy(this.leaving(directory), ({ name }) => name);
    for (const name of new Set([...departures.keys(), ...leaving.keys()]).difference(present)) {
      const id = this.#lastComer(departures.get(name) ?? [], leaving.get(name) ?? [], moment);
      const state = id === undefined ? undefined : this.stateAt(id, moment);
      if (id !== undefined && state !== undefined) found.push({ id, parent: directory, name, state });
    }
    return found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  /**
   * The node that had a place at a moment, of those that have left it since: `departures`, in their order, and those in limbo. That a node was replaced is told behind the coming of its successor, so several seem to have been
   * there; the one that came last was.
   */
  #lastComer(departures: Iterable<Row>, leaving: Iterable<CatalogueNode>, moment: Moment): NodeId | undefined {
    let last: { readonly id: NodeId; readonly since: Moment } | undefined;
    const offer = (id: NodeId) => {
      const since = Number((this.#lastArrival.get(id, moment) as Row | undefined)?.id ?? 0);
      if (last === undefined || since > last.since) last = { id, since };
    };
    let successors = 0;
    for (const { id, node } of departures) {
      if (!this.#arrived(Number(node), moment, Number(id))) offer(Number(node));
      else if (last !== undefined || ++successors === SUCCESSORS) break;
    }
    for (const { id } of leaving) if (!this.#arrived(id, moment, Number.MAX_SAFE_INTEGER)) offer(id);
    return last?.id;
  }

  /** Whether a node took a place behind a moment and before an event: then it was not there at the moment. */
  #arrived(node: NodeId, moment: Moment, before: Moment): boolean {
    const arrival = this.#nextArrival.get(node, moment) as Row | undefined;
    return arrival !== undefined && Number(arrival.id) < before;
  }

  #stayOf(node: NodeId, moment: Moment): Stay {
    const arrival = this.#lastArrival.get(node, moment) as Row | undefined;
    const since = Number(arrival?.id ?? 0);
    const next = this.#nextArrival.get(node, moment) as Row | undefined;
    if (next !== undefined) return { since, until: Number(next.id) - 1, place: placeLeft(next) };
    const row = this.node(node);
    if (row !== undefined)
      return { since, until: Math.max(moment, this.newest()), place: row.parent === LIMBO ? placeOfLimboName(row.name) : row };
    const last = this.#lastEvent.get(node) as Row | undefined;
    // Its end was not recorded: where it was is told, as long as nobody asks for a state.
    if (last === undefined || !endsBy(last))
      return { since, until: Number.MAX_SAFE_INTEGER, place: arrival === undefined ? undefined : placeTaken(arrival) };
    const gone = Number(last.id);
    return moment < gone
      ? { since, until: gone - 1, place: placeLeft(last) }
      : { since: gone, until: Number.MAX_SAFE_INTEGER, place: undefined };
  }
}

function stateOf(node: CatalogueNode | undefined): NodeState | undefined {
  if (node === undefined) return undefined;
  const { id: _, parent: __, name: ___, ...state } = node;
  return state;
}

/** Whether an event is the last of its node. */
export function endsBy({ kind }: Row): boolean {
  return isEnd(EVENT_KINDS[Number(kind)]);
}

/** The state before an event; none before a creation. */
function stateBefore({ before }: Row): NodeState | undefined {
  return before === null ? undefined : decodeState(before as Uint8Array);
}

/** The place that an event says a node has left; none for a creation. */
function placeLeft(row: Row): Place | undefined {
  return row.fromParent === null ? undefined : { parent: Number(row.fromParent), name: nameOf(row.fromName) };
}

/** The place that an arrival says a node has taken. */
function placeTaken(row: Row): Place {
  return { parent: Number(row.toParent), name: nameOf(row.toName) };
}

/** The first name is the path of a root. */
function joinUp([root = '' as ByteName, ...names]: readonly ByteName[]): ByteName {
  return (names.length === 0 ? root : `${root === '/' ? '' : root}/${names.join('/')}`) as ByteName;
}
