import type { DatabaseSync } from 'node:sqlite';
import type { ByteName } from '../../base/names.ts';
import { NothingThereError } from '../history/errors.ts';
import { History } from '../history/history.ts';
import { holdersOf, resolvePath } from '../history/paths.ts';
import type { NodeId } from '../types.ts';
import { plainLine } from './plain-line.ts';

/**
 * What somebody wrote about what is at a path; undefined when nobody did. It stays with the node as that moves. A node of which nothing was written has what was written of the one that had the path last before it: whoever saves
 * by a rename puts another node into the place.
 */
export function writtenDescription(database: DatabaseSync, node: NodeId, path: ByteName): string | undefined {
  const written = database.prepare('SELECT text FROM description WHERE node = ?');
  let row = written.get(node);
  if (row === undefined) for (const holder of holdersOf(new History(database), path)) row ??= written.get(holder.node);
  return (row?.text as string | undefined) || undefined;
}

/** Sets it; an empty text says that there is none, whatever was written of who had the path before. `database` is the writer's; `time` in ns since 1970. */
export function writeDescription(database: DatabaseSync, node: NodeId, text: string, time: bigint): void {
  database.prepare('INSERT OR REPLACE INTO description (node, text, written) VALUES (?, ?, ?)').run(node, plainLine(text), time);
}

/** The same for what is at a path now. Throws NotWatchedError and NothingThereError. */
export function describePath(database: DatabaseSync, path: ByteName, text: string, time: bigint): void {
  const node = resolvePath(new History(database), path);
  if (node === undefined) throw new NothingThereError(path, undefined);
  writeDescription(database, node.id, text, time);
}
