import type { DatabaseSync } from 'node:sqlite';
import { nameFromBytes } from '../../base/names.ts';
import { History } from '../history/history.ts';
import type { NodeId } from '../types.ts';
import type { WriteCount } from './propose.ts';

interface Row {
  readonly executable: Uint8Array;
  readonly unit: string | null;
  readonly folder: NodeId;
  readonly count: number;
}

/** Which programs have changed how much in which folders, as far as the kernel told who it was. To be called within `atOneMoment`. */
export function writeCounts(database: DatabaseSync): WriteCount[] {
  const history = new History(database);
  // What was deleted with its folder says nothing of that folder's own owner.
  const rows = database
    .prepare(`SELECT executable, unit, coalesce(toParent, fromParent, node.parent) AS folder, count(*) AS count
      FROM event JOIN process ON process.id = event.process LEFT JOIN node ON node.id = event.node
      WHERE executable IS NOT NULL AND within IS NULL AND folder > 0 GROUP BY executable, unit, folder`)
    .all() as unknown as Row[];
  return rows.flatMap(({ executable, unit, folder, count }) => {
    const path = history.lastPathOf(folder);
    return path === undefined ? [] : [{ executable: nameFromBytes(executable), unit: unit ?? undefined, folder: path, count }];
  });
}
