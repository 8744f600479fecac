import type { DatabaseSync } from 'node:sqlite';
import type { ByteName } from '../../base/names.ts';
import { NothingThereError } from '../history/errors.ts';
import { History } from '../history/history.ts';
import { resolvePath } from '../history/paths.ts';
import type { NodeId } from '../types.ts';
import { plainLine } from './plain-line.ts';

/** What somebody wrote about a node; undefined when nobody did. It stays with the node as that moves. */
export function writtenDescription(database: DatabaseSync, node: NodeId): string | undefined {
  return database.prepare('SELECT text FROM description WHERE node = ?').get(node)?.text as string | undefined;
}

/** Sets it, or takes it away when the text is empty. `database` is the writer's; `time` in ns since 1970. */
export function writeDescription(database: DatabaseSync, node: NodeId, text: string, time: bigint): void {
  const line = plainLine(text);
  if (line === '') database.prepare('DELETE FROM description WHERE node = ?').run(node);
  else database.prepare('INSERT OR REPLACE INTO description (node, text, written) VALUES (?, ?, ?)').run(node, line, time);
}

/** The same for what is at a path now. Throws NotWatchedError and NothingThereError. */
export function describePath(database: DatabaseSync, path: ByteName, text: string, time: bigint): void {
  const node = resolvePath(new History(database), path);
  if (node === undefined) throw new NothingThereError(path, undefined);
  writeDescription(database, node.id, text, time);
}
