import type { DatabaseSync } from 'node:sqlite';
import { nameFromBytes, showName } from '../../base/names.ts';
import { atOneMoment, schemaVersion } from '../database.ts';
import { NODE_COLUMNS, nodeOfRow, reading } from '../rows.ts';
import { FILE_TWINS_VERSION } from '../schema.ts';
import { type CatalogueNode, LIMBO, NO_DIRECTORY, type NodeId } from '../types.ts';
import { addHash, asWords, directoryHash, entryHash, noHash } from '../write/entry-hash.ts';
import { asListing, isSameListing, LISTING_WORDS, type Listing, ListingSum, type ListingWords, listingKey } from '../write/listing-sum.ts';
import { sumOfSizes } from '../write/sum-of-sizes.ts';
import { sumsOf } from '../write/writer.ts';

/** Something that is not as it has to be. */
export interface Violation {
  readonly node: NodeId;
  /** A sentence about it. */
  readonly problem: string;
}

interface Sums {
  size: bigint;
  disk: number;
  files: number;
  directories: number;
  unhashed: number;
}

/** What is found out of a directory from its children. */
interface Found extends Sums {
  readonly parent: NodeId;
  readonly name: Uint8Array;
  readonly hash: Uint32Array;
  readonly listing: Listing;
  newest: bigint;
  /** Child directories that have not been added yet. */
  open: number;
}

/**
 * Checks every invariant of a catalogue (C17) at one moment, beside its writer: the database's own structure; that every node has a parent which is a directory, without circles;
 * that the sums and digests of every directory are those of what is in it; that what has its digest in common with others
 * is marked so; and that roots and events refer to what there is or was. Memory: some 300 bytes a directory.
 */
export function checkCatalogue(
  database: DatabaseSync,
  onViolation: (violation: Violation) => void,
): { readonly nodes: number; readonly directories: number } {
  return atOneMoment(database, () => {
    checkStructure(database, onViolation);
    const directories = readDirectories(database);
    const nodes = addEntries(database, directories, onViolation);
    foldUp(directories, onViolation);
    compareSums(database, directories, onViolation);
    checkTwins(database, onViolation);
    checkReferences(database, onViolation);
    return { nodes, directories: directories.size };
  });
}

function checkStructure(database: DatabaseSync, onViolation: (violation: Violation) => void): void {
  // FTS5 of SQLite 3.53 checks its index by what it remembers of it from an earlier check in the same connection, and takes what was merged since for damage; a search makes it look anew.
  database.prepare("SELECT rowid FROM name_trigram WHERE name_trigram MATCH 'any' LIMIT 1").all();
  for (const row of database.prepare('PRAGMA integrity_check(20)').all() as { integrity_check: string }[])
    if (row.integrity_check !== 'ok') onViolation({ node: 0, problem: `the database is damaged: ${row.integrity_check}` });
}

function readDirectories(database: DatabaseSync): Map<NodeId, Found> {
  const found = new Map<NodeId, Found>();
  const rows = database.prepare(
    `SELECT node.id, parent, name, node.disk FROM node JOIN directory ON directory.node = node.id WHERE kind = 4`,
  );
  for (const row of rows.iterate() as Iterable<{ id: number; parent: number; name: Uint8Array; disk: number }>) {
    const sums = { size: 0n, disk: row.disk, files: 0, directories: 0, unhashed: 0 };
    found.set(row.id, {
      ...sums,
      parent: row.parent,
      name: row.name,
      ...{ hash: noHash(), listing: ListingSum.none() },
      newest: 0n,
      open: 0,
    });
  }
  return found;
}

/** Adds every node that is no directory to the one that it is in; counts the others there. */
function addEntries(database: DatabaseSync, directories: Map<NodeId, Found>, onViolation: (violation: Violation) => void): number {
  const rows = reading(database, `SELECT ${NODE_COLUMNS} FROM node`);
  const listings = new ListingSum(listingKey(database));
  let nodes = 0;
  for (const row of rows.iterate()) {
    const node = nodeOfRow(row);
    nodes++;
    if (node.kind === 'directory' && !directories.has(node.id))
      onViolation({ node: node.id, problem: `${showName(node.name)} is a directory without sums` });
    if (node.parent === NO_DIRECTORY || node.parent === LIMBO) continue;
    const parent = directories.get(node.parent);
    if (parent === undefined) {
      onViolation({ node: node.id, problem: `${showName(node.name)} is in ${node.parent}, which is no directory` });
      continue;
    }
    listings.add(parent.listing, node.name, node, 1);
    if (node.kind === 'directory') parent.open++;
    else addEntry(parent, node);
  }
  return nodes;
}

function addEntry(parent: Found, node: CatalogueNode): void {
  addSums(parent, sumsOf(node));
  const hash = entryHash(node);
  if (hash !== undefined) addHash(parent.hash, hash);
  if (node.ctime > parent.newest) parent.newest = node.ctime;
}

/** From the deepest directories up to the roots. Whatever is not reached so goes round in a circle. */
function foldUp(directories: Map<NodeId, Found>, onViolation: (violation: Violation) => void): void {
  const ready = [...directories].filter(([, { open }]) => open === 0).map(([id]) => id);
  let folded = 0;
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    folded++;
    const found = directories.get(id) as Found;
    const parent = directories.get(found.parent);
    if (parent === undefined) continue;
    addSums(parent, { ...found, directories: found.directories + 1 });
    addHash(parent.hash, directoryHash({ kind: 'directory', name: nameFromBytes(found.name) }, found, found.hash));
    if (found.newest > parent.newest) parent.newest = found.newest;
    if (--parent.open === 0) ready.push(found.parent);
  }
  if (folded < directories.size)
    for (const [id, { open }] of directories)
      if (open > 0) onViolation({ node: id, problem: 'it is in itself, through the directories above it' });
}

function compareSums(database: DatabaseSync, directories: Map<NodeId, Found>, onViolation: (violation: Violation) => void): void {
  const rows = database.prepare(
    `SELECT node, CAST(size AS TEXT) AS size, disk, files, directories, unhashed, CAST(newest AS TEXT) AS newest, digest, ${LISTING_WORDS} FROM directory`,
  );
  for (const row of rows.iterate() as Iterable<SumsRow>) {
    const found = directories.get(row.node);
    if (found === undefined) {
      onViolation({ node: row.node, problem: 'there are sums for it, and no directory' });
      continue;
    }
    const name = showName(nameFromBytes(found.name));
    for (const key of SUMS)
      if (String(row[key]) !== String(found[key]))
        onViolation({ node: row.node, problem: `${name}: ${key} is ${row[key]}, and should be ${found[key]}` });
    if (BigInt(row.newest) < found.newest)
      onViolation({ node: row.node, problem: `${name}: something in it is newer than its newest change` });
    if (!asWords(row.digest).every((word, at) => word === found.hash[at]))
      onViolation({ node: row.node, problem: `${name}: its digest is not that of what is in it` });
    if (!isSameListing(asListing(row), found.listing))
      onViolation({ node: row.node, problem: `${name}: its listing is not that of what is in it` });
  }
}

interface SumsRow extends Omit<Sums, 'size'>, ListingWords {
  readonly size: string;
  readonly node: number;
  readonly newest: string;
  readonly digest: Uint8Array;
}

const COUNTS = ['disk', 'files', 'directories', 'unhashed'] as const;
const SUMS = ['size', ...COUNTS] as const;

function checkTwins(database: DatabaseSync, onViolation: (violation: Violation) => void): void {
  if (schemaVersion(database) < FILE_TWINS_VERSION) return;
  const wrong = `SELECT id, name, twin FROM node WHERE twin <> (
    kind = 8 AND digest IS NOT NULL AND size > 0
    AND EXISTS (SELECT 1 FROM node AS other INDEXED BY node_digest WHERE other.digest = node.digest AND other.id <> node.id AND other.kind = 8)
  )`;
  for (const { id, name, twin } of database.prepare(wrong).iterate() as Iterable<{ id: number; name: Uint8Array; twin: number }>) {
    const problem =
      twin === 0
        ? 'another file has its digest, and it is not marked as a twin'
        : 'it is marked as a twin, and no other file has its digest';
    onViolation({ node: id, problem: `${showName(nameFromBytes(name))}: ${problem}` });
  }
}

function checkReferences(database: DatabaseSync, onViolation: (violation: Violation) => void): void {
  const roots = `SELECT root.node AS id, path FROM root LEFT JOIN node ON node.id = root.node
    WHERE (node.id IS NULL AND NOT EXISTS (SELECT 1 FROM gap WHERE gap.root = root.id AND reason = 'not watched')
        AND NOT EXISTS (SELECT 1 FROM root AS above WHERE above.id <> root.id AND substr(root.path, 1, length(above.path)) = above.path))
      OR (node.parent = 0 AND node.name <> root.path)`;
  for (const { id, path } of database.prepare(roots).all() as { id: number; path: Uint8Array }[])
    onViolation({ node: id, problem: `the root ${showName(nameFromBytes(path))} has no node of that path` });
  const lost = `SELECT event.node AS id FROM event WHERE kind IN (4, 6) AND within IS NULL AND EXISTS (SELECT 1 FROM node WHERE node.id = event.node)`;
  for (const { id } of database.prepare(lost).all() as { id: number }[])
    onViolation({ node: id, problem: 'an event says that it is gone, and it is there' });
}

function addSums(to: Sums, sums: Sums): void {
  to.size = sumOfSizes(to.size, sums.size);
  for (const key of COUNTS) to[key] += sums[key];
}
