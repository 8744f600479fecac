import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../database.ts';
import type { NodeId } from '../types.ts';
import { fold, nameOfBlob } from './fold.ts';
import { encodeNodes, NAMES_PER_PAGE, pageText } from './name-page.ts';

/** Pages are made again from nothing when so many times as many names are in them as there are nodes: the rest is of nodes that are gone, or their former names. */
const TOO_MANY_NAMES = 2;
/** FTS5 merges its segments when it is told, a bounded piece at a time: so many of its pages, whenever so many of ours were added. */
const PAGES_BETWEEN_MERGES = 16;
const MERGED_PAGES = 16;
/** Counting nodes takes some milliseconds a million: it is done once in so many pages. */
const PAGES_BETWEEN_COUNTS = 256;

/** The last node that is in a page under its first name; those behind it are the unindexed tail. */
export function lastIndexedNode(database: DatabaseSync): NodeId {
  const row = database.prepare("SELECT value FROM property WHERE name = 'names.indexed'").get();
  return (row?.value ?? 0) as NodeId;
}

/**
 * Works at the index of names for about so long, in a transaction of its own unless one is open. For the only writer, whenever it has nothing better to do.
 * Returns whether there is more to do: what then is left over is less than a page, and searched without an index.
 */
export function indexNames(database: DatabaseSync, budgetMs: number): boolean {
  const end = performance.now() + budgetMs;
  return inTransaction(database, () => {
    do {
      const page = indexNew(database) ?? indexChanged(database);
      if (page === undefined) return false;
      if (page % PAGES_BETWEEN_MERGES === 0)
        database.exec(`INSERT INTO name_trigram (name_trigram, rank) VALUES ('merge', ${MERGED_PAGES})`);
      if (page % PAGES_BETWEEN_COUNTS === 0 && isCluttered(database, page)) clearNames(database);
    } while (performance.now() < end);
    return true;
  });
}

/** Throws the index away; `indexNames` makes it again. */
export function clearNames(database: DatabaseSync): void {
  database.exec(`
    DELETE FROM name_page;
    DELETE FROM name_changed;
    INSERT INTO name_trigram (name_trigram) VALUES ('delete-all');
    DELETE FROM property WHERE name = 'names.indexed';
  `);
}

/** The number of a new page of the next nodes; undefined when there are too few. The tops of roots have a path for a name, and are looked through one by one. */
function indexNew(database: DatabaseSync): number | undefined {
  const rows = database
    .prepare('SELECT id, name FROM node WHERE id > ? AND parent > 0 ORDER BY id LIMIT ?')
    .all(lastIndexedNode(database), NAMES_PER_PAGE);
  if (rows.length < NAMES_PER_PAGE) return undefined;
  database.prepare("INSERT OR REPLACE INTO property VALUES ('names.indexed', ?)").run(rows.at(-1)?.id as NodeId);
  return addPage(database, rows, false);
}

/** The same of nodes that have got another name; undefined when there are too few. */
function indexChanged(database: DatabaseSync): number | undefined {
  const rows = database
    // In this order: from the few that have changed to their rows.
    .prepare(
      'SELECT id, name FROM name_changed CROSS JOIN node ON id = name_changed.node WHERE parent > 0 ORDER BY name_changed.node LIMIT ?',
    )
    .all(NAMES_PER_PAGE);
  if (rows.length < NAMES_PER_PAGE) return undefined;
  // Those in between that are gone go too.
  database.prepare('DELETE FROM name_changed WHERE node <= ?').run(rows.at(-1)?.id as NodeId);
  return addPage(database, rows, true);
}

function addPage(database: DatabaseSync, rows: readonly Record<string, unknown>[], isLate: boolean): number {
  const text = pageText(rows.map(({ name }) => fold(nameOfBlob(name))));
  const nodes = encodeNodes(rows.map(({ id }) => id as NodeId));
  const { lastInsertRowid } = database
    .prepare('INSERT INTO name_page (late, nodes, names) VALUES (?, ?, ?)')
    .run(Number(isLate), nodes, Buffer.from(text, 'latin1'));
  database.prepare('INSERT INTO name_trigram (rowid, names) VALUES (?, ?)').run(lastInsertRowid, text);
  return Number(lastInsertRowid);
}

function isCluttered(database: DatabaseSync, pages: number): boolean {
  const live = database.prepare('SELECT count(*) AS count FROM node').get()?.count as number;
  return pages * NAMES_PER_PAGE > live * TOO_MANY_NAMES;
}
