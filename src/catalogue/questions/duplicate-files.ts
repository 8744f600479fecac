import type { DatabaseSync } from 'node:sqlite';
import { type ByteName, nameFromText } from '../../base/names.ts';
import type { Digest } from '../../hash/types.ts';
import { schemaVersion } from '../database.ts';
import { FILE_TWINS_VERSION } from '../schema.ts';
import type { NodeId } from '../types.ts';
import { isAscii, nameOfBlob, REPLACEMENT } from './fold.ts';
import type { FileGroup } from './found-group.ts';

/** So many groups are given at once at first, and at most. */
const FIRST_BATCH = 8;
const LARGEST_BATCH = 512;
/** Up to so many a list is searched sooner than a set is made. */
const FEW = 16;

/** A digest that several nodes have, and what is known of these side by side as texts, since a row for each takes twice the time. Names hold no slash. */
type Row = [digest: Digest, size: number, mostWaste: number, parents: string, names: string, inodes: string];

/** Nodes with the same digest: where each is. */
type Twins = Pick<FileGroup, 'parents' | 'names'>;

/**
 * Files of at least `minBytes` that have their digest in common, several links to one file counted once, of those whose folder is accepted. In batches; what comes later wastes
 * `mostLeft` at the most. SQLite sorts, and holds some hundred bytes for each file.
 */
export function* fileGroups(
  database: DatabaseSync,
  minBytes: number,
  accepts: (parent: NodeId) => boolean,
): Generator<{ readonly groups: FileGroup[]; readonly mostLeft: number }> {
  const source = `${allTwins(database, minBytes)} AND size >= ?`;
  // The order is that of what they would waste if none were links. Nodes come by number, as that index has them.
  const rows = database.prepare(
    `SELECT digest, CAST(size AS REAL), CAST(size AS REAL) * (count(*) - 1) AS mostWaste, group_concat(parent), group_concat(name, '/'), group_concat(inode)
     FROM ${source} GROUP BY digest HAVING count(*) > 1 ORDER BY mostWaste DESC`,
  );
  rows.setReturnArrays(true);
  const exact = database.prepare(`SELECT parent, name, inode || ' ' || device AS file FROM ${source} AND digest = ? ORDER BY id`);
  let groups: FileGroup[] = [];
  let seen = 0;
  let batch = FIRST_BATCH;
  for (const row of rows.iterate(minBytes)) {
    const [digest, size, mostLeft, ...columns] = row as unknown as Row;
    const twins = twinsOf(columns, accepts) ?? exactTwins(exact.all(minBytes, digest), accepts);
    const copies = twins.names.length;
    if (copies > 1) groups.push({ kind: 'file', digest, size, waste: size * (copies - 1), ...twins });
    if (++seen < batch) continue;
    yield { groups, mostLeft };
    groups = [];
    seen = 0;
    batch = Math.min(batch * 2, LARGEST_BATCH);
  }
  yield { groups, mostLeft: 0 };
}

/** The part of a query that names all twins of so many bytes. Empty files are marked nowhere, and a catalogue that was not written to since older versions has no marks. */
function allTwins(database: DatabaseSync, minBytes: number): string {
  if (minBytes > 0 && schemaVersion(database) >= FILE_TWINS_VERSION) return 'node INDEXED BY node_twin WHERE twin = 1';
  return `node WHERE kind = 8 AND digest IN (
    SELECT digest FROM node INDEXED BY node_digest WHERE digest IS NOT NULL GROUP BY digest HAVING count(*) > 1
  )`;
}

/** Undefined where texts do not say it exactly: of names that are no UTF-8, and of an inode that is there twice, maybe on two devices. */
function twinsOf([parents, names, inodes]: readonly [string, string, string], accepts: (parent: NodeId) => boolean): Twins | undefined {
  if (names.includes(REPLACEMENT) || !areDistinct(inodes.split(','))) return undefined;
  const split = names.split('/');
  const twins = { parents: parents.split(',').map(Number), names: isAscii(names) ? (split as ByteName[]) : split.map(nameFromText) };
  if (twins.parents.every(accepts)) return twins;
  return { parents: twins.parents.filter(accepts), names: twins.names.filter((_, i) => accepts(twins.parents[i] as NodeId)) };
}

/** The same from a row for each, of which several may be one file. */
function exactTwins(rows: readonly Record<string, unknown>[], accepts: (parent: NodeId) => boolean): Twins {
  const files = new Map<unknown, Record<string, unknown>>();
  for (const row of rows) if (!files.has(row.file) && accepts(row.parent as NodeId)) files.set(row.file, row);
  const distinct = [...files.values()];
  return { parents: distinct.map(({ parent }) => parent as NodeId), names: distinct.map(({ name }) => nameOfBlob(name)) };
}

function areDistinct(texts: readonly string[]): boolean {
  if (texts.length > FEW) return new Set(texts).size === texts.length;
  for (let i = 1; i < texts.length; i++) if (texts.indexOf(texts[i] as string) < i) return false;
  return true;
}
