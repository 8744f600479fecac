import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { NodeId, NodeState } from '../types.ts';
import { ChangesSince } from './changes-since.ts';
import { DIRECTORY_TYPE } from './entry-types.ts';
import { nameOfBlob } from './fold.ts';
import type { EventId } from './past-places.ts';
import { type Folder, type FolderSums, NO_SUMS, type SummedTree } from './usage.ts';

/** Folders whose sums are missing are looked for so many at a time. */
const PARTS_AT_ONCE = 500;

/**
 * Folders as they were just after an event: their sums now, less what the events since have changed. An event holds the state and place before it, so the first one of a node behind
 * that moment tells what it was then. Sums of folders differ from now only on the way from a changed node up to its roots, then and now; all others are as they are.
 *
 * Exact for size and counts, whatever was moved, deleted or made again. Costs the events since; what has changed is in temporary tables (ChangesSince), so memory does not grow with it. To be made,
 * and asked, within `atOneMoment`.
 */
export class TreeThen implements SummedTree {
  readonly #known: StatementSync;
  readonly #remember: StatementSync;
  readonly #missing: StatementSync;
  readonly #own: StatementSync;
  readonly #folders: StatementSync;

  constructor(database: DatabaseSync, after: EventId) {
    const { changed, was, is, weight, way } = new ChangesSince(database, after).tables;
    const sums = `${changed}_sums`;
    database.exec(`CREATE TABLE ${sums} (folder INTEGER PRIMARY KEY, size REAL, files INTEGER, directories INTEGER)`);
    this.#known = database.prepare(`SELECT size, files, directories FROM ${sums} WHERE folder = ?`);
    this.#remember = database.prepare(`INSERT INTO ${sums} VALUES (?, ?, ?, ?)`);
    this.#missing = database.prepare(`
      SELECT node FROM ${was} WHERE parent = :folder AND node > :after AND node NOT IN (SELECT folder FROM ${sums})
      UNION SELECT node FROM ${way} WHERE parent = :folder AND node > :after AND node NOT IN (SELECT folder FROM ${sums})
      ORDER BY node LIMIT ${PARTS_AT_ONCE}`);
    // Of the folder as it is now; of files that have changed; of changed folders that were in it, and that are; of folders with something changed below.
    this.#own = database.prepare(`
      SELECT total(size) AS size, coalesce(sum(files), 0) AS files, coalesce(sum(directories), 0) AS directories FROM (
        SELECT size, files, directories FROM directory WHERE node = :folder
        UNION ALL SELECT size, files, 0 FROM ${weight} WHERE folder = :folder
        UNION ALL SELECT past.size, past.files, past.directories + 1 FROM ${was} AS was JOIN ${sums} AS past ON past.folder = was.node WHERE was.parent = :folder
        UNION ALL SELECT -ifnull(now.size, 0), -ifnull(now.files, 0), -ifnull(now.directories, 0) - 1
          FROM ${is} AS moved LEFT JOIN directory AS now ON now.node = moved.node WHERE moved.parent = :folder
        UNION ALL SELECT past.size - ifnull(now.size, 0), past.files - ifnull(now.files, 0), past.directories - ifnull(now.directories, 0)
          FROM ${way} AS way JOIN ${sums} AS past ON past.folder = way.node LEFT JOIN directory AS now ON now.node = way.node WHERE way.parent = :folder)`);
    const isUnchanged = `kind = ${DIRECTORY_TYPE} AND NOT EXISTS (SELECT 1 FROM ${changed} AS changed WHERE changed.node = id)`;
    this.#folders = database.prepare(
      `SELECT id, name FROM node WHERE parent = :folder AND ${isUnchanged} UNION ALL SELECT node, name FROM ${was} WHERE parent = :folder`,
    );
  }

  sumsOf(folder: NodeId): FolderSums {
    // From the deepest folder up, without recursion: trees may be deeper than the stack.
    const waiting = [{ folder, parts: this.#partsBehind(folder, 0) }];
    for (let at = waiting.at(-1); at !== undefined; at = waiting.at(-1)) {
      const part = at.parts.shift();
      if (part !== undefined) {
        // It may have been added up since on another way.
        if (this.#known.get(part) === undefined) waiting.push({ folder: part, parts: this.#partsBehind(part, 0) });
        if (at.parts.length === 0) at.parts = this.#partsBehind(at.folder, part);
        continue;
      }
      this.#sum(at.folder);
      waiting.pop();
    }
    return { ...NO_SUMS, ...this.#known.get(folder), disk: undefined };
  }

  foldersIn(folder: NodeId): Folder[] {
    return this.#folders.all({ folder }).map(({ id, name }) => ({ node: id as NodeId, name: nameOfBlob(name) }));
  }

  /** Folders that have to be added up before a folder can be, behind one of them. */
  #partsBehind(folder: NodeId, after: NodeId): NodeId[] {
    return this.#missing.all({ folder, after }).map(({ node }) => node as NodeId);
  }

  #sum(folder: NodeId): void {
    if (this.#known.get(folder) !== undefined) return;
    const { size, files, directories } = this.#own.get({ folder }) as unknown as FolderSums;
    this.#remember.run(folder, size, files, directories);
  }
}

/** A file as it was, or whatever else is no folder: all of a tree whose top it is. */
export class FileThen implements SummedTree {
  readonly #state: NodeState;

  constructor(state: NodeState) {
    this.#state = state;
  }

  sumsOf(): FolderSums {
    const { kind, size } = this.#state;
    return { ...NO_SUMS, size: kind === 'file' ? size : 0, files: 1, disk: undefined };
  }

  foldersIn(): Folder[] {
    return [];
  }
}
