import type { SaveReport } from '../../tree/types.ts';
import { counted, formatCount, formatDuration, formatSize } from './amounts.ts';

/** What is told of a save. Nobody has counted the folders where only what had changed was looked at. */
export type ShownSave = Omit<SaveReport, 'directories'> & { readonly directories?: number };

/** A save in two lines, of which the last ends with the digest of the tree: scripts take it from there. */
export function saveLines(report: ShownSave, { dryRun, quiet }: { readonly dryRun: boolean; readonly quiet: boolean }): string[] {
  const last = quiet ? report.tree : `${report.archive}${dryRun ? ' would be' : ' is now'} ${report.tree}`;
  return quiet ? [last] : [...saveSummary(report, dryRun), last];
}

function saveSummary(report: ShownSave, dryRun: boolean): string[] {
  const { files, directories, bytes, readFiles, readBytes, newBytes, storedBytes, errors, elapsedMs } = report;
  const unread = newBytes === 0 ? 'nothing had changed' : 'no file had changed';
  const read = readFiles === 0 ? unread : `read ${counted(readFiles, 'file')}, ${formatSize(readBytes)}`;
  const added = `${formatSize(newBytes)} of ${readFiles === 0 ? 'folders' : 'it'} new`;
  const stored = newBytes === 0 ? '' : dryRun ? `, ${added}` : `, ${added}, stored as ${formatSize(storedBytes)}`;
  const folders = directories === undefined ? '' : ` and ${counted(directories, 'folder')}`;
  return [
    `${dryRun ? 'Would save' : 'Saved'} ${counted(files, 'file')}${folders}, ${formatSize(bytes)}, in ${formatDuration(elapsedMs)}: ${read}${stored}.`,
    ...(errors.length > 0 ? [`Left out ${formatCount(errors.length)} that could not be read; see above.`] : []),
  ];
}
