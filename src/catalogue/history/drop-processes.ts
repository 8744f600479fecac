import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../database.ts';
import { type Row, reading } from '../rows.ts';

/** Fewer are not worth a look at every event: some megabytes. */
const FEW = 20_000;
/** A step, some milliseconds. */
const EVENTS_AT_ONCE = 2000;
const PROCESSES_AT_ONCE = 500;
/** In ns: what began since may be about to be named by an event. */
const YOUNG_NS = 86_400_000_000_000n;

/**
 * Drops the processes that no event names any more. Where each one that has changed anything is known there are hundreds of thousands a day. Events are looked through from the oldest to the newest; what comes meanwhile
 * is looked at with each transaction that drops some. Yields after each step.
 */
export function* dropProcesses(database: DatabaseSync, now: bigint, few = FEW): Generator<void, void> {
  const { count } = database.prepare('SELECT count(*) AS count FROM process').get() as { count: number };
  if (count <= few) return;
  const page = reading(database, `SELECT id, process FROM event WHERE id > ? ORDER BY id LIMIT ${EVENTS_AT_ONCE}`);
  const named = new Set<number>();
  let last = 0;
  const lookOn = (): boolean => {
    const rows = page.all(last) as Row[];
    for (const { id, process } of rows) {
      last = Number(id);
      if (process !== null) named.add(Number(process));
    }
    return rows.length === EVENTS_AT_ONCE;
  };
  while (lookOn()) yield;
  const some = database.prepare('SELECT id FROM process WHERE id > ? AND started < ? ORDER BY id LIMIT ?');
  const drop = database.prepare('DELETE FROM process WHERE id = ?');
  for (let at = 0; ; ) {
    const isDone = inTransaction(database, () => {
      while (lookOn());
      const ids = some.all(at, now - YOUNG_NS, PROCESSES_AT_ONCE).map(({ id }) => Number(id));
      for (const id of ids) if (!named.has(id)) drop.run(id);
      at = ids.at(-1) ?? at;
      return ids.length < PROCESSES_AT_ONCE;
    });
    if (isDone) return;
    yield;
  }
}
