import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { type ByteName, nameFromBytes } from '../base/names.ts';
import { type FileKind, kindOfType } from '../sys/stat.ts';
import type { CatalogueNode } from './types.ts';

/** A row whose integers were read as bigints, since times and inodes need more than 53 bits. */
export type Row = Record<string, SQLOutputValue>;

/** The columns of `node`, in their order. */
export const NODE_COLUMNS = 'id, parent, name, kind, size, disk, mtime, ctime, born, mode, uid, gid, device, inode, links, digest';

/** Of a row of `root`, in SQL: whether it is watched. Otherwise its top is known no more, or has come into another root. */
export const IS_WATCHED = 'EXISTS (SELECT 1 FROM node AS top WHERE top.id = root.node AND top.parent = 0)';

/** A statement whose rows are `Row`s. */
export function reading(database: DatabaseSync, sql: string): StatementSync {
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  return statement;
}

/** The node of a `Row` with all those columns. */
export function nodeOfRow(row: Row): CatalogueNode {
  return {
    id: Number(row.id),
    parent: Number(row.parent),
    name: nameOf(row.name),
    kind: kindOfType(Number(row.kind)) as FileKind,
    size: Number(row.size),
    disk: Number(row.disk),
    mtime: row.mtime as bigint,
    ctime: row.ctime as bigint,
    born: row.born as bigint,
    mode: Number(row.mode),
    uid: Number(row.uid),
    gid: Number(row.gid),
    device: Number(row.device),
    // SQLite knows signed numbers alone.
    inode: BigInt.asUintN(64, row.inode as bigint),
    links: Number(row.links),
    digest: (row.digest as Uint8Array | null) ?? undefined,
  };
}

export function nameOf(value: SQLOutputValue | undefined): ByteName {
  return nameFromBytes(value as Uint8Array);
}

export function numberOf(value: SQLOutputValue | undefined): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}

/** A 64-bit number without a sign, as SQLite keeps it. */
export function asSigned(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}
