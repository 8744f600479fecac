import type { DatabaseSync } from 'node:sqlite';
import { type Row, reading } from './rows.ts';
import type { NodeId } from './types.ts';

/** Numbers of events that no event has: those above `after` and up to `upTo`. A catalogue that was put back from a copy has left them out, since others may remember them for what was lost. */
export interface Skipped {
  readonly after: number;
  readonly upTo: number;
}

const SKIPPED = 'skipped.';
const LAST_NODE = 'lastNode';

/** The last number that was given to an event, or left out; also when its event has been dropped. */
export function lastEventNumber(database: DatabaseSync): number {
  return Number(database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'event'").get()?.seq ?? 0);
}

/** At least the last number that was given to a node: one that is gone may still stand in events, in what is kept of it, and in the index of names. */
export function lastNodeNumber(database: DatabaseSync): NodeId {
  const row = database
    .prepare(`SELECT max(coalesce((SELECT max(id) FROM node), 0), coalesce((SELECT max(node) FROM event), 0),
      coalesce((SELECT max(directory) FROM summary), 0), coalesce((SELECT max(node) FROM root), 0), coalesce((SELECT max(node) FROM description), 0),
      coalesce((SELECT max(value) FROM property WHERE name IN ('names.indexed', '${LAST_NODE}')), 0)) AS id`)
    .get();
  return Number(row?.id ?? 0);
}

/** Numbers that were left out, the newest first. */
export function skippedOf(database: DatabaseSync): Skipped[] {
  const rows = reading(
    database,
    `SELECT substr(name, ${SKIPPED.length + 1}) AS after, value FROM property WHERE name GLOB '${SKIPPED}*'`,
  ).all() as Row[];
  return rows.map(({ after, value }) => ({ after: Number(after), upTo: Number(value) })).sort((a, b) => b.upTo - a.upTo);
}

/** Has the next event and the next node get numbers above these, and remembers which are left out. In a transaction of the caller. */
export function skipTo(database: DatabaseSync, { event, node }: LastNumbers): void {
  const last = lastEventNumber(database);
  if (event > last) setProperty(database, `${SKIPPED}${last}`, event);
  setLastNumbers(database, { event: Math.max(event, last), node: Math.max(node, lastNodeNumber(database)) });
}

/** The last numbers that were given. */
export interface LastNumbers {
  readonly event: number;
  readonly node: NodeId;
}

/** Writes down what was given last, where the rows do not say it. In a transaction of the caller. */
export function setLastNumbers(database: DatabaseSync, { event, node }: LastNumbers): void {
  setProperty(database, LAST_NODE, node);
  // There is no row as long as there never was an event.
  database.exec("DELETE FROM sqlite_sequence WHERE name = 'event'");
  database.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('event', ?)").run(event);
}

/** As an integer: in a column without a type a number would become a double. */
function setProperty(database: DatabaseSync, name: string, value: number): void {
  database.prepare('INSERT OR REPLACE INTO property (name, value) VALUES (?, ?)').run(name, BigInt(value));
}
