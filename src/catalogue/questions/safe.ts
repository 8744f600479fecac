import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type ByteName, nameToBytes } from '../../base/names.ts';
import { NO_DIRECTORY, type NodeId } from '../types.ts';
import { DIRECTORY_TYPE, FILE_TYPE } from './entry-types.ts';
import { nameOfBlob } from './fold.ts';
import { Places } from './places.ts';

/** A file whose content is known to be nowhere else. */
export interface UnsafeFile {
  readonly path: ByteName;
  readonly size: number;
  /** `unhashed`: its digest is not known, so nobody can tell. `unread`: it could not be read, so it may not be what was known. */
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
 * returns the sums at the end. Empty files hold nothing that could be lost. Ask `atOneMoment`.
 */
export function* safety(database: DatabaseSync, top: NodeId): Generator<UnsafeFile | Unseen, Safety> {
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
  const others = database.prepare('SELECT parent, CAST(size AS REAL) AS size FROM node WHERE digest = ?');
  const roots = new Roots(database);
  const home = roots.of(top);
  const places = new Places(database);
  const failures = readFailures(database);
  const kindAt = database.prepare('SELECT kind FROM node WHERE parent = ? AND name = ?');
  const sums = { files: 0, bytes: 0, keptFiles: 0, copiedFiles: 0, unsafeFiles: 0, unsafeBytes: 0, unseen: 0 };
  for (const why of openGaps(database, home)) {
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
    const { digest } = row;
    if (code === undefined && row.kept === 1) {
      sums.keptFiles++;
      continue;
    }
    if (
      code === undefined &&
      digest !== null &&
      others.all(digest as Uint8Array).some(({ parent }) => roots.isOther(parent as NodeId, home))
    ) {
      sums.copiedFiles++;
      continue;
    }
    sums.unsafeFiles++;
    sums.unsafeBytes += size;
    const path = places.pathOf(id);
    if (path === undefined) continue;
    if (code !== undefined) yield { path, size, why: 'unread', code };
    else yield { path, size, why: digest === null ? 'unhashed' : 'only here' };
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

/** Why events in a root may have been missed. That a source of events does not tell of losses is how it is always. */
function openGaps(database: DatabaseSync, root: NodeId): string[] {
  const gaps = database.prepare(
    "SELECT reason FROM gap JOIN root ON root.id = gap.root WHERE root.node = ? AND closed IS NULL AND reason <> 'loss untold'",
  );
  return gaps.all(root).map(({ reason }) => String(reason));
}

/** Tops of the roots that folders are in. */
class Roots {
  readonly #parent;
  readonly #known = new Map<NodeId, NodeId>();

  constructor(database: DatabaseSync) {
    this.#parent = database.prepare('SELECT parent FROM node WHERE id = ?');
  }

  of(node: NodeId): NodeId {
    const way: NodeId[] = [];
    let at = node;
    for (;;) {
      const known = this.#known.get(at);
      const parent = known === undefined ? (this.#parent.get(at)?.parent as NodeId | undefined) : undefined;
      if (known !== undefined || parent === undefined || parent <= NO_DIRECTORY) {
        const top = known ?? at;
        for (const each of [...way, at]) this.#known.set(each, top);
        return top;
      }
      way.push(at);
      at = parent;
    }
  }

  /** What has left its place, nobody knows yet for where, is in no root. */
  isOther(node: NodeId, home: NodeId): boolean {
    if (node <= NO_DIRECTORY) return false;
    const top = this.of(node);
    return top !== home && this.#parent.get(top)?.parent === NO_DIRECTORY;
  }
}
