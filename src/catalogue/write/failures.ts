import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type ByteName, nameFromBytes, nameToBytes } from '../../base/names.ts';
import type { NodeId } from '../types.ts';

const IS_LOOK = "call IN ('statx', 'lstat', 'stat')";
const IS_WATCH = "call IN ('fanotify_mark', 'inotify_add_watch', 'name_to_handle_at', 'watch', 'fs.watch')";

/**
 * The table `failure` (C16): what could not be listed, looked at, watched or read, and has not been since. A row goes when the same works, or when its name is gone. Where no failure is known in a
 * directory, that costs a look into memory. There is one object of a catalogue, whose methods are called within transactions.
 */
export class FailureRows {
  readonly #upsert: StatementSync;
  readonly #names: StatementSync;
  readonly #lists: StatementSync;
  readonly #looks: StatementSync;
  readonly #watches: StatementSync;
  readonly #reads: StatementSync;
  readonly #name: StatementSync;
  readonly #all: StatementSync;
  /** Directories that have failures, and some that had. */
  readonly #directories: Set<NodeId>;

  constructor(database: DatabaseSync) {
    this.#upsert = database.prepare(`INSERT INTO failure (node, name, code, call, first, last, count) VALUES (?, ?, ?, ?, ?, ?, 1)
      ON CONFLICT (node, name, code) DO UPDATE SET call = excluded.call, last = excluded.last, count = count + 1`);
    this.#names = database.prepare("SELECT DISTINCT name FROM failure WHERE node = ? AND name <> CAST('.' AS BLOB)");
    this.#lists = database.prepare(`DELETE FROM failure WHERE node = ? AND name = CAST('.' AS BLOB) AND NOT ${IS_WATCH}`);
    this.#watches = database.prepare(`DELETE FROM failure WHERE node = ? AND name = CAST('.' AS BLOB) AND ${IS_WATCH}`);
    this.#looks = database.prepare(`DELETE FROM failure WHERE node = ? AND name = ? AND ${IS_LOOK}`);
    this.#reads = database.prepare(`DELETE FROM failure WHERE node = ? AND name = ? AND NOT ${IS_LOOK}`);
    this.#name = database.prepare('DELETE FROM failure WHERE node = ? AND name = ?');
    this.#all = database.prepare('DELETE FROM failure WHERE node = ?');
    this.#directories = new Set(
      database
        .prepare('SELECT DISTINCT node FROM failure')
        .all()
        .map(({ node }) => node as NodeId),
    );
  }

  /** `name` in the directory `node`; `.` for the directory itself. */
  note(node: NodeId, name: ByteName, { code, call }: { readonly code: string; readonly call: string }, time: bigint): void {
    this.#upsert.run(node, nameToBytes(name), code, call, time, time);
    this.#directories.add(node);
  }

  /** Whether there may be any in a directory, or of it. */
  has(directory: NodeId): boolean {
    return this.#directories.has(directory);
  }

  /** A directory was listed, with all its names but `unseen` looked at; `isThere` says of a name whether it is one of them. */
  listed(directory: NodeId, unseen: ReadonlySet<ByteName> | undefined, isThere: (name: ByteName) => boolean): void {
    if (!this.has(directory)) return;
    this.#lists.run(directory);
    for (const row of this.#names.all(directory)) {
      const name = nameFromBytes(row.name as Uint8Array);
      if (unseen?.has(name) !== true) this.looked(directory, name, isThere(name));
    }
  }

  /** A name was looked at, and is there or not. */
  looked(directory: NodeId, name: ByteName, isThere: boolean): void {
    if (this.has(directory)) (isThere ? this.#looks : this.#name).run(directory, nameToBytes(name));
  }

  /** A file was read. */
  read(directory: NodeId, name: ByteName): void {
    if (this.has(directory)) this.#reads.run(directory, nameToBytes(name));
  }

  /** Everything in a root is watched. */
  watched(top: NodeId): void {
    if (this.has(top)) this.#watches.run(top);
  }

  /** A directory is gone. */
  forget(directory: NodeId): void {
    if (this.#directories.delete(directory)) this.#all.run(directory);
  }
}
