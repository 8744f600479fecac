import { nameFromText } from '../../base/names.ts';
import { digestToText } from '../../hash/digest.ts';
import { resolveReference } from '../../tree/resolve-reference.ts';
import { restore } from '../../tree/restore/restore.ts';
import type { RestoreChange, RestoreReport } from '../../tree/types.ts';
import { defineCommand } from '../command.ts';
import { holdTree } from '../hold-tree.ts';
import { count, flag, text, value, values } from '../options.ts';
import { counted, formatCount, formatDuration, formatSize } from '../output/amounts.ts';

export default defineCommand({
  description: [
    'Puts the content of REF into TARGET, which is made when it is not there. What is there already is changed where it differs, and only there; nothing is removed unless --delete is given. A file is written beside the old one and takes its place when it is complete.',
    'REF may name a part of a revision: ARCHIVE:/folder, ARCHIVE:/folder/file. What could not be restored, metadata included, is listed, and the exit status is 3.',
  ],
  arguments: [
    {
      name: 'REF',
      about: 'What is to be restored: ARCHIVE, ARCHIVE@TIME, ARCHIVE@~N or a digest, each perhaps with :/path behind',
      complete: 'archive',
    },
    { name: 'TARGET', about: 'The folder that it comes to stand in; for a file also its new name', complete: 'folder' },
  ],
  options: {
    delete: flag('--delete', 'Remove from TARGET what is not in REF'),
    dryRun: flag('-n, --dry-run', 'Print what would be changed, and change nothing'),
    include: values('-i, --include PATTERN', 'Restore only what matches, as in .gitignore; may be repeated', text),
    exclude: values('-e, --exclude PATTERN', 'Leave out what matches; may be repeated', text),
    verify: flag('--verify', 'Read every restored file back and compare it'),
    checksum: flag('--checksum', 'Compare content, also where size and time agree'),
    threads: value('--threads N', 'Worker threads; 0 for none', count),
  },
  json: 'One object: reference, tree, target, files, directories, bytes, created, updated, unchanged, deleted, errors, elapsedMs; with --dry-run or --verbose also changes, a list of action (create, update, metadata, delete), kind and path.',
  interrupted: 'What was restored up to now is complete, file by file. Run the same command again to go on.',
  examples: [
    { command: 'varve restore docs ./docs-restored', about: 'Restore the newest revision into a new folder' },
    {
      command: "varve restore 'docs@yesterday:/letters' ~/docs/letters --dry-run",
      about: 'See what it would take to make a folder as it was yesterday',
    },
  ],
  async run(context, [ref = '', target = ''], options) {
    const { output, signal } = context;
    const { include, exclude, dryRun, verify, checksum, threads } = options;
    const found = await resolveReference(ref, context.references);
    const hold = await holdTree(found);
    const changes: RestoreChange[] = [];
    const listsChanges = dryRun || output.verbose;
    const onChange = (change: RestoreChange) => {
      if (output.json) changes.push(change);
      else output.line(`${ACTION_SIGNS[change.action]} ${change.path}`);
    };
    let report: RestoreReport;
    try {
      report = await restore({
        store: found.store,
        root: found.entry,
        target: nameFromText(target),
        options: {
          ...{ delete: options.delete, dryRun, include, exclude, verify, checksum, signal },
          ...(threads !== undefined && { threads }),
          ...(listsChanges && { onChange }),
          onProgress: output.onProgress,
          onError: output.itemError,
        },
      });
    } finally {
      await hold.release();
    }
    const result = { reference: ref, tree: digestToText(found.tree), target, ...report, ...(listsChanges && { changes }) };
    if (output.json) output.result(result, () => []);
    else for (const line of restoreLines(report, target, dryRun)) output.note(line);
    if (report.errors.length > 0) context.partial();
  },
});

const ACTION_SIGNS = { create: '+', update: 'M', metadata: 'T', delete: '-' } as const;

function restoreLines(report: RestoreReport, target: string, dryRun: boolean): string[] {
  const { files, directories, bytes, created, updated, unchanged, deleted, errors, elapsedMs } = report;
  const what = `${counted(files, 'file')} and ${counted(directories, 'folder')}, ${formatSize(bytes)}`;
  const how = `${formatCount(created)} created, ${formatCount(updated)} updated, ${formatCount(unchanged)} unchanged, ${formatCount(deleted)} deleted`;
  return [
    `${dryRun ? 'Would restore' : 'Restored'} ${what} into ${target} in ${formatDuration(elapsedMs)}: ${how}.`,
    ...(errors.length > 0 ? [`Not everything could be restored: ${counted(errors.length, 'failure')}; see above.`] : []),
  ];
}
