import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type ByteName, nameToBytes } from '../../base/names.ts';
import { schemaVersion } from '../database.ts';
import { UNREAD_VERSION } from '../schema.ts';
import { NO_DIRECTORY, type NodeId } from '../types.ts';
import { DIRECTORY_TYPE, FILE_TYPE } from './entry-types.ts';
import { nameOfBlob } from './fold.ts';
import { Places } from './places.ts';

/** A file whose content is known to be nowhere else. */
export interface UnsafeFile {
  readonly path: ByteName;
  readonly size: number;
  /** `unhashed`: its digest is not known, or may be out of date, so nobody can tell. `unread`: it could not be read, so it may not be what was known. */
  readonly why: 'only here' | 'unhashed' | 'unread';
  /** Why it could not be read. */
  readonly code?: string;
}

/** What may hold more than is known. */
export interface Unseen {
  readonly path: ByteName;
  /** `unlisted`: a folder that was never listed. `unread`: what could not be listed or looked at. `gap`: events in a watched folder may have been missed. */
  readonly why: 'unlisted' | 'unread' | 'gap';
  /** Why it could not be, or why they may have been. */
  readonly code?: string;
}

export interface Safety {
  readonly files: number;
  readonly bytes: number;
  /** Whose content the store keeps. */
  readonly keptFiles: number;
  /** Of the others, those with a copy in another root. */
  readonly copiedFiles: number;
  readonly unsafeFiles: number;
  readonly unsafeBytes: number;
  readonly unseen: number;
}

/** Names that could not be listed, looked at or read, with the reason, by their directory; `.` for that itself. */
type Failures = ReadonlyMap<NodeId, ReadonlyMap<ByteName, string>>;

const SELF = '.' as ByteName;

/**
 * Looks whether the content of every file below a folder (or of one file) is in the store or, by its digest, in another root; gives those of which neither is known, and what nobody has seen, and
 * returns the sums at the end. A copy counts as long as nothing says that it may be gone, or another content by now: a gap of its root, a failure. Empty files hold nothing that could be lost. `unobserved` is why the catalogue may not know yet of everything that has happened, if it may not: there is a gap then.
 * Ask `atOneMoment`.
 */
export function* safety(database: DatabaseSync, top: NodeId, unobserved?: string): Generator<UnsafeFile | Unseen, Safety> {
  const below = database.prepare(`
    WITH RECURSIVE below (id, kind) AS (
      SELECT id, kind FROM node WHERE id = ?
      UNION ALL
      SELECT node.id, node.kind FROM below CROSS JOIN node ON node.parent = below.id WHERE below.kind = ${DIRECTORY_TYPE}
    )
    SELECT node.id, node.parent, node.name, node.kind, CAST(node.size AS REAL) AS size, node.digest, node.digest IN (SELECT digest FROM content) AS kept,
      directory.listed IS NULL AS isUnlisted
    FROM below CROSS JOIN node ON node.id = below.id LEFT JOIN directory ON directory.node = node.id
    WHERE node.kind IN (${DIRECTORY_TYPE}, ${FILE_TYPE})`);
  const unread = readUnread(database);
  const copies = new Copies(database, unread);
  const home = copies.rootOf(top);
  const places = new Places(database);
  const failures = readFailures(database);
  const kindAt = database.prepare('SELECT kind FROM node WHERE parent = ? AND name = ?');
  const sums = { files: 0, bytes: 0, keptFiles: 0, copiedFiles: 0, unsafeFiles: 0, unsafeBytes: 0, unseen: 0 };
  for (const why of new Set([...copies.gapsOf(home), ...(unobserved === undefined ? [] : [unobserved])])) {
    sums.unseen++;
    yield { path: places.pathOf(home) as ByteName, why: 'gap', code: why };
  }
  for (const row of below.iterate(top)) {
    const id = row.id as NodeId;
    if (row.kind === DIRECTORY_TYPE) {
      for (const unseen of unseenOf(id, row.isUnlisted === 1, kindAt, places, failures)) {
        sums.unseen++;
        yield unseen;
      }
      continue;
    }
    const size = row.size as number;
    const code = failures.size === 0 ? undefined : failures.get(row.parent as NodeId)?.get(nameOfBlob(row.name));
    if (size === 0 && code === undefined) continue;
    sums.files++;
    sums.bytes += size;
    const isHashed = row.digest !== null && !unread.has(id);
    if (code === undefined && isHashed && row.kept === 1) {
      sums.keptFiles++;
      continue;
    }
    if (code === undefined && isHashed && copies.hasAny(id, home)) {
      sums.copiedFiles++;
      continue;
    }
    sums.unsafeFiles++;
    sums.unsafeBytes += size;
    const path = places.pathOf(id);
    if (path === undefined) continue;
    if (code !== undefined) yield { path, size, why: 'unread', code };
    else yield { path, size, why: isHashed ? 'only here' : 'unhashed' };
  }
  return sums;
}

/** What nobody has seen of a directory: all that is in it, or names that are no files as far as is known. */
function* unseenOf(id: NodeId, isUnlisted: boolean, kindAt: StatementSync, places: Places, failures: Failures): Generator<Unseen> {
  const failed = failures.get(id);
  if (isUnlisted && failed?.has(SELF) !== true) yield { path: places.folderPath(id) as ByteName, why: 'unlisted' };
  for (const [name, code] of failed ?? []) {
    const path = (name === SELF ? places.folderPath(id) : places.pathIn(id, name)) as ByteName;
    const kind = name === SELF ? undefined : kindAt.get(id, nameToBytes(name))?.kind;
    if (kind !== FILE_TYPE) yield { path, why: 'unread', code };
  }
}

function readFailures(database: DatabaseSync): Failures {
  const failures = new Map<NodeId, Map<ByteName, string>>();
  for (const { node, name, code } of database.prepare('SELECT node, name, code FROM failure').iterate()) {
    const names = failures.get(node as NodeId) ?? new Map<ByteName, string>();
    failures.set(node as NodeId, names.set(nameOfBlob(name), code as string));
  }
  return failures;
}

/** Files that may hold something else than their digest says. */
function readUnread(database: DatabaseSync): Set<NodeId> {
  if (schemaVersion(database) < UNREAD_VERSION) return new Set();
  return new Set(Array.from(database.prepare('SELECT node FROM unread').iterate(), ({ node }) => node as NodeId));
}

/** Files with the content of another one, and the tops of the roots that they are in. */
class Copies {
  readonly #others;
  readonly #parent;
  readonly #tops = new Map<NodeId, NodeId>();
  readonly #gaps: ReadonlyMap<NodeId, readonly string[]>;
  readonly #unread: ReadonlySet<NodeId>;

  constructor(database: DatabaseSync, unread: ReadonlySet<NodeId>) {
    this.#unread = unread;
    // What has the same inode is the same file, seen on another way.
    this.#others = database.prepare(`
      SELECT other.id, other.parent FROM node AS asked CROSS JOIN node AS other ON other.digest = asked.digest
      WHERE asked.id = ? AND other.kind = ${FILE_TYPE} AND (other.device <> asked.device OR other.inode <> asked.inode)
        AND NOT EXISTS (SELECT 1 FROM failure WHERE node = other.parent AND name IN (other.name, CAST('.' AS BLOB)))`);
    this.#parent = database.prepare('SELECT parent FROM node WHERE id = ?');
    this.#gaps = readOpenGaps(database);
  }

  /** The top of the root that something is in. */
  rootOf(node: NodeId): NodeId {
    const way: NodeId[] = [];
    let at = node;
    for (;;) {
      const known = this.#tops.get(at);
      const parent = known === undefined ? (this.#parent.get(at)?.parent as NodeId | undefined) : undefined;
      if (known !== undefined || parent === undefined || parent <= NO_DIRECTORY) {
        const top = known ?? at;
        for (const each of [...way, at]) this.#tops.set(each, top);
        return top;
      }
      way.push(at);
      at = parent;
    }
  }

  /** Why events in a root may have been missed. */
  gapsOf(root: NodeId): readonly string[] {
    return this.#gaps.get(root) ?? [];
  }

  /** Whether a file has a copy in another root than `home`, of which nothing says that it may be no copy any more. */
  hasAny(file: NodeId, home: NodeId): boolean {
    return this.#others.all(file).some(({ id, parent }) => !this.#unread.has(id as NodeId) && this.#isOther(parent as NodeId, home));
  }

  /** What has left its place, nobody knows yet for where, is in no root. */
  #isOther(node: NodeId, home: NodeId): boolean {
    if (node <= NO_DIRECTORY) return false;
    const top = this.rootOf(node);
    return top !== home && this.gapsOf(top).length === 0 && this.#parent.get(top)?.parent === NO_DIRECTORY;
  }
}

/** Why events may have been missed, by the top of the root. That a source of events does not tell of losses is how it is always. */
function readOpenGaps(database: DatabaseSync): Map<NodeId, string[]> {
  const gaps = new Map<NodeId, string[]>();
  const query = "SELECT node, reason FROM gap JOIN root ON root.id = gap.root WHERE closed IS NULL AND reason <> 'loss untold'";
  for (const { node, reason } of database.prepare(query).iterate())
    gaps.set(node as NodeId, [...(gaps.get(node as NodeId) ?? []), String(reason)]);
  return gaps;
}
