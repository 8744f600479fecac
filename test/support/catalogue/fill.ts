import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type ByteName, nameToBytes } from '../../../src/base/names.ts';
import { NODE_COLUMNS } from '../../../src/catalogue/rows.ts';
import { NO_DIRECTORY, type NodeId } from '../../../src/catalogue/types.ts';
import { blake3 } from '../../../src/hash/blake3.ts';

/** What is filled in for a node, as the columns of the table `node` have it. */
export interface FilledState {
  /** Directory entry type: `mode >> 12`. */
  readonly type: number;
  readonly size: number;
  readonly disk?: number;
  /** In nanoseconds, like `ctime`. */
  readonly mtime?: bigint;
  readonly ctime?: bigint;
  readonly uid?: number;
  readonly device?: number;
  readonly inode?: bigint;
  readonly links?: number;
  readonly digest?: Uint8Array | undefined;
}

interface Sums {
  readonly id: NodeId;
  readonly parent: NodeId;
  readonly name: ByteName;
  size: number;
  disk: number;
  files: number;
  directories: number;
  unhashed: number;
  newest: bigint;
  readonly digest: Uint32Array;
}

export const DIRECTORY = 4;
export const FILE = 8;
export const SYMLINK = 10;

/**
 * Fills an empty catalogue with nodes in one transaction, parents before children; `finish` writes the sums of all directories, reckoned from nothing but
 * what docs/formats.md says of them, and commits.
 */
export class CatalogueFill {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #digest: StatementSync;
  readonly #directories: Sums[] = [];
  readonly #byId = new Map<NodeId, Sums>();
  readonly #now: bigint;
  #nextId = 1;

  constructor(database: DatabaseSync, now = 1_700_000_000_000_000_000n) {
    this.#database = database;
    this.#now = now;
    database.exec('BEGIN');
    this.#insert = database.prepare(`INSERT INTO node (${NODE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, 0, ?, ?, ?, NULL)`);
    this.#digest = database.prepare('UPDATE OR FAIL node SET digest = ? WHERE id = ?');
  }

  root(path: ByteName, state: FilledState = { type: DIRECTORY, size: 4096 }): NodeId {
    const node = this.add(NO_DIRECTORY, path, state);
    this.#database.prepare('INSERT INTO root (node, path, added) VALUES (?, ?, ?)').run(node, nameToBytes(path), this.#now);
    return node;
  }

  add(parent: NodeId, name: ByteName, state: FilledState): NodeId {
    const id = this.#nextId++;
    const { type, size, mtime = this.#now, ctime = mtime, inode = BigInt(id), digest } = state;
    const disk = state.disk ?? Math.ceil(size / 4096) * 8;
    const mode = type === DIRECTORY ? 0o755 : 0o644;
    this.#insert.run(
      ...[id, parent, nameToBytes(name), type, size, disk, mtime, ctime, mode, state.uid ?? 0, state.device ?? 1, inode],
      state.links ?? 1,
    );
    // Later than the row, so that triggers see it.
    if (digest !== undefined) this.#digest.run(digest, id);
    const above = this.#byId.get(parent);
    if (type === DIRECTORY) {
      const sums = { id, parent, name, size: 0, disk, files: 0, directories: 0, unhashed: 0, newest: ctime, digest: new Uint32Array(8) };
      this.#directories.push(sums);
      this.#byId.set(id, sums);
    } else if (above !== undefined) {
      above.files += 1;
      above.size += type === FILE ? size : 0;
      above.disk += disk;
      if (type === FILE && digest === undefined) above.unhashed += 1;
      if (ctime > above.newest) above.newest = ctime;
      addEntry(above.digest, type, name, digest ?? EMPTY);
    }
    return id;
  }

  finish(): void {
    const insert = this.#database.prepare(
      'INSERT INTO directory (node, size, disk, files, directories, unhashed, newest, digest, listed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    for (const sums of this.#directories.reverse()) {
      const { id, parent, name, size, disk, files, directories, unhashed, newest, digest } = sums;
      insert.run(id, size, disk, files, directories, unhashed, newest, new Uint8Array(digest.buffer), this.#now);
      const above = this.#byId.get(parent);
      if (above === undefined) continue;
      above.size += size;
      above.disk += disk;
      above.files += files;
      above.directories += directories + 1;
      above.unhashed += unhashed;
      if (newest > above.newest) above.newest = newest;
      const counts = new Uint8Array(new Float64Array([files, directories, size]).buffer);
      addEntry(above.digest, DIRECTORY, name, Buffer.concat([new Uint8Array(digest.buffer), counts]));
    }
    this.#database.exec('COMMIT');
  }
}

const EMPTY = new Uint8Array();

/** Adds an entry's hash to the digest of its directory. */
function addEntry(digest: Uint32Array, type: number, name: ByteName, own: Uint8Array): void {
  const bytes = Buffer.alloc(3 + name.length + own.length);
  bytes.writeUInt8(type, 0);
  bytes.writeUInt16LE(name.length, 1);
  bytes.write(name, 3, 'latin1');
  bytes.set(own, 3 + name.length);
  const hash = Buffer.from(blake3.hash(bytes).subarray(2));
  for (let word = 0; word < 8; word++) digest[word] = (digest[word] as number) + hash.readUInt32LE(word * 4);
}
