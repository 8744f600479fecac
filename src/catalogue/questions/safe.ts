import type { DatabaseSync } from 'node:sqlite';
import type { ByteName } from '../../base/names.ts';
import { NO_DIRECTORY, type NodeId } from '../types.ts';
import { DIRECTORY_TYPE, FILE_TYPE } from './entry-types.ts';
import { Places } from './places.ts';

/** A file whose content is known to be nowhere else. */
export interface UnsafeFile {
  readonly path: ByteName;
  readonly size: number;
  /** `unhashed`: its digest is not known yet, so nobody can tell. */
  readonly why: 'only here' | 'unhashed';
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
}

/**
 * Looks whether the content of every file below a folder (or of one file) is in the store or, by its digest, in another root; gives those of which neither is known, and
 * returns the sums at the end. Empty files hold nothing that could be lost. Ask `atOneMoment`.
 */
export function* safety(database: DatabaseSync, top: NodeId): Generator<UnsafeFile, Safety> {
  const files = database.prepare(`
    WITH RECURSIVE below (id, kind) AS (
      SELECT id, kind FROM node WHERE id = ?
      UNION ALL
      SELECT node.id, node.kind FROM below CROSS JOIN node ON node.parent = below.id WHERE below.kind = ${DIRECTORY_TYPE}
    )
    SELECT node.id, size, digest, digest IN (SELECT digest FROM content) AS kept
    FROM below CROSS JOIN node ON node.id = below.id WHERE node.kind = ${FILE_TYPE} AND size > 0`);
  const others = database.prepare('SELECT parent, size FROM node WHERE digest = ?');
  const roots = new Roots(database);
  const home = roots.of(top);
  const places = new Places(database);
  const sums = { files: 0, bytes: 0, keptFiles: 0, copiedFiles: 0, unsafeFiles: 0, unsafeBytes: 0 };
  for (const { id, size, digest, kept } of files.iterate(top)) {
    sums.files++;
    sums.bytes += size as number;
    if (kept === 1) {
      sums.keptFiles++;
      continue;
    }
    if (digest !== null && others.all(digest as Uint8Array).some(({ parent }) => roots.isOther(parent as NodeId, home))) {
      sums.copiedFiles++;
      continue;
    }
    sums.unsafeFiles++;
    sums.unsafeBytes += size as number;
    const path = places.pathOf(id as NodeId);
    if (path !== undefined) yield { path, size: size as number, why: digest === null ? 'unhashed' : 'only here' };
  }
  return sums;
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

  isOther(node: NodeId, home: NodeId): boolean {
    return node > NO_DIRECTORY && this.of(node) !== home;
  }
}
