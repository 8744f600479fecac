import type { DatabaseSync } from 'node:sqlite';
import type { ByteName } from '../base/names.ts';
import { RootKeeper } from './root-keeper.ts';
import { FailureRows } from './write/failures.ts';
import { GapRows } from './write/gaps.ts';
import { RootRows } from './write/roots.ts';
import { Writer } from './write/writer.ts';

/**
 * Makes folders roots, which the next service watches as if they had been named to it: nothing in them is looked at before. Absolute, without symbolic links. Throws SystemError and UsageError as RootKeeper.add does.
 *
 * `database` is the writer's, and no service is at work on it.
 */
export function watchFolders(database: DatabaseSync, paths: readonly ByteName[]): void {
  const roots = new RootKeeper({
    writer: new Writer(database),
    roots: new RootRows(database),
    gaps: new GapRows(database),
    failures: new FailureRows(database),
    watcher: undefined,
    scan: () => undefined,
  });
  roots.addAll(paths);
}
