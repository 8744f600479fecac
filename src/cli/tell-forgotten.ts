import type { DatabaseSync } from 'node:sqlite';
import { forgottenOf } from '../catalogue/history/moments.ts';
import { timeOf } from '../catalogue/history/past-tree.ts';
import type { Context } from './context.ts';
import { formatTime } from './output/times.ts';

/** Says so when rotation has dropped a part of what is asked for: what has happened since a time (ns), or ever. */
export function tellForgotten({ output }: Context, database: DatabaseSync, since?: bigint): void {
  const forgotten = forgottenOf(database);
  if (forgotten === undefined || (since !== undefined && since > forgotten.time)) return;
  output.warning(`The history begins only at ${formatTime(timeOf(forgotten.time))}.`);
}
