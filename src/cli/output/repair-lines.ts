import type { ArchiveRepairReport } from '../../tree/repair-archive.ts';
import { counted } from './amounts.ts';

/** What is said of a repaired archive. */
export function repairLines(archive: string, { problem, aside, trees, lines, lostLines }: ArchiveRepairReport): string[] {
  return [
    ...(problem === undefined ? [] : [`${archive}: it was damaged: ${problem}`]),
    ...(aside === undefined ? [] : [`${archive}: ${counted(aside.lines.length, 'line')} that cannot be read moved to ${aside.file}`]),
    ...(lostLines > 0
      ? [`${archive}: ${counted(lostLines, 'revision')} lost; if a copy of the archive has them, put it back before varve gc`]
      : []),
    ...trees.map((tree) => `${archive}: named there, and still to be had until varve gc: varve restore ${tree} DIR`),
    lines === 0
      ? `${archive}: no revision is left; the archive was removed`
      : `${archive}: ${counted(lines, 'revision')} left, and a new witness`,
  ];
}
