import { dirname, resolve } from 'node:path';
import { catalogueFile } from '../../base/config/folders.ts';
import { UsageError } from '../../base/errors.ts';
import { backUpCatalogue } from '../../catalogue/copies/backup.ts';
import { dumpCatalogue } from '../../catalogue/copies/dump.ts';
import { type RestoreReport, restoreCatalogue } from '../../catalogue/copies/restore.ts';
import { KeptVersions } from '../../catalogue/keep/kept-versions.ts';
import { HomeLock } from '../../serve/home-lock.ts';
import { wallNs } from '../../sys/clock.ts';
import { makeFolder } from '../../sys/durable.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { flag } from '../options.ts';
import { counted, formatSize } from '../output/amounts.ts';
import { Past } from '../past.ts';

const ACTIONS = ['backup', 'restore', 'dump'] as const;
const SEE_HELP = 'See: varve catalogue --help';

export default defineCommand({
  description: [
    'backup copies the catalogue, which is the history of all watched folders, into one file, as it is at one moment; a daemon may run on. The copy is checked, and there as a whole or not at all. Contents of files are in the store, and not in it.',
    'restore puts such a copy, or a dump, in the place of the catalogue, once it was checked; the catalogue that was there is kept beside it, and can be put back in the same way. No daemon may run. The next start compares every folder with the disk: what has changed since the copy is found, and when it happened is not known any more. Contents that the store has let go since are not called kept; tokens of varve sync-point that were given since are refused.',
    'dump prints everything that the catalogue knows, as lines of JSON, for other programs, and for restore.',
  ],
  arguments: [
    { name: 'ACTION', about: 'backup, restore or dump', complete: ACTIONS },
    { name: 'FILE', about: 'backup: where the copy is to be; restore: a copy or a dump', optional: true, complete: 'file' },
  ],
  options: {
    force: flag('--force', 'Have the copy take the place of a file that is there'),
  },
  json: 'backup: one object: file, bytes, nodes. restore: one object: file, nodes, kept (contents), lost (contents that the store does not keep any more), replaced (where the former catalogue is), readable (whether that could be read). dump: one object a line, with or without this option, as docs/formats.md says.',
  interrupted: 'The catalogue is as it was.',
  examples: [
    { command: 'varve catalogue backup /mnt/usb/catalogue.db --force', about: 'Renew a copy on another disk' },
    { command: 'varve stop && varve catalogue restore /mnt/usb/catalogue.db && varve start', about: 'Go back to the copy' },
    { command: 'varve catalogue dump | zstd > catalogue.json.zst', about: 'Write down all that is known, as text' },
  ],
  async run(context, [action, file], { force }) {
    if (force && action !== 'backup') throw new UsageError('--force is for backup', SEE_HELP);
    if (action === 'dump') return dump(context, file);
    if (action !== 'backup' && action !== 'restore')
      throw new UsageError(`catalogue cannot ${JSON.stringify(action)}`, `It can: ${ACTIONS.join(', ')}.`);
    if (file === undefined) throw new UsageError(`catalogue ${action} takes a file`, SEE_HELP);
    await (action === 'backup' ? backUp(context, resolve(file), force) : restore(context, resolve(file)));
  },
});

async function backUp(context: Context, file: string, replace: boolean): Promise<void> {
  const { output, signal, folders } = context;
  using past = Past.open(context);
  const options = { catalogue: catalogueFile(folders), file, replace, onProgress: output.onProgress, signal };
  const { bytes, nodes } = await backUpCatalogue(past.database, options);
  output.result({ file, bytes, nodes }, () => [
    `Copied ${counted(nodes, 'file and folder', 'files and folders')} into ${file}, ${formatSize(bytes)}.`,
  ]);
}

async function restore(context: Context, file: string): Promise<void> {
  const { output, folders, signal } = context;
  const catalogue = catalogueFile(folders);
  const versions = new KeptVersions(await context.openStore());
  makeFolder(dirname(catalogue));
  const lock = await HomeLock.take(folders.stateDir);
  try {
    const entered = () => versions.contents(signal);
    const report = await restoreCatalogue({ catalogue, file, entered, now: wallNs(), onProgress: output.onProgress });
    const { nodes, contents, replaced, wasReadable } = report;
    const { kept, lost } = contents;
    output.result({ file, nodes, kept, lost, ...(replaced !== undefined && { replaced, readable: wasReadable }) }, () =>
      restoredLines(file, report),
    );
    output.note('What has changed since is found by the next start: varve start');
  } finally {
    lock.release();
  }
}

function restoredLines(file: string, { nodes, contents: { kept, lost }, replaced, wasReadable }: RestoreReport): string[] {
  return [
    `The catalogue is that of ${file}: ${counted(nodes, 'file and folder', 'files and folders')}, ${counted(kept, 'content')} kept.`,
    ...(lost > 0 ? [`${counted(lost, 'content')} that it called kept ${lost === 1 ? 'is' : 'are'} not in the store any more.`] : []),
    ...(replaced === undefined
      ? []
      : [`The one before is ${replaced}${wasReadable ? '' : ', and could not be read'}. Delete it when you do not need it.`]),
  ];
}

function dump(context: Context, file: string | undefined): void {
  if (file !== undefined) throw new UsageError('catalogue dump prints, and takes no file', 'Redirect it: varve catalogue dump > FILE');
  using past = Past.open(context);
  dumpCatalogue(past.database, new Date(), (lines) => context.output.line(lines.slice(0, -1)));
}
