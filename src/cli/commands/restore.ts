import { UsageError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import { isPathReference } from '../../catalogue/history/past-reference.ts';
import { TRASH } from '../../catalogue/history/undo/places.ts';
import { digestToText } from '../../hash/digest.ts';
import { identityAt } from '../../sys/folder-identity.ts';
import { resolveReference } from '../../tree/resolve-reference.ts';
import { type RestoreRequest, restore } from '../../tree/restore/restore.ts';
import type { RestoreChange, RestoreReport } from '../../tree/types.ts';
import { joinPath } from '../../tree/view.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { holdTree } from '../hold-tree.ts';
import { openPastTree } from '../open-tree.ts';
import { count, flag, text, value, values } from '../options.ts';
import { counted, formatCount, formatDuration, formatSize } from '../output/amounts.ts';
import { ownFolders } from '../own-folders.ts';
import { referenceMeant } from '../path-meant.ts';
import { nameGiven } from '../raw-arguments.ts';

export default defineCommand({
  description: [
    'Puts the content of REF into TARGET, which is made when it is not there. What is there already is changed where it differs, and only there; nothing is removed unless --delete is given. A file is written beside the old one and takes its place when it is complete.',
    'REF may name a part of a revision: ARCHIVE:/folder, ARCHIVE:/folder/file; or a watched path at a time: /path@TIME. Of that, extended attributes are not known, and files that are changed keep theirs; folders get the modification time that they have now; versions whose content was not kept are listed as failures. What could not be restored, metadata included, is listed, and the exit status is 3.',
  ],
  arguments: [
    {
      name: 'REF',
      about: 'What is to be restored: ARCHIVE, ARCHIVE@TIME, ARCHIVE@~N or a digest, each perhaps with :/path behind; or PATH@TIME',
      complete: 'archive',
    },
    { name: 'TARGET', about: 'The folder that it comes to stand in; for a file also its new name', complete: 'folder' },
  ],
  options: {
    delete: flag('--delete', 'Remove from TARGET what is not in REF; not what Varve keeps, nor what is mounted there and was empty'),
    dryRun: flag('-n, --dry-run', 'Print what would be changed, and change nothing'),
    include: values('-i, --include PATTERN', 'Restore only what matches, as in .gitignore; may be repeated', text),
    exclude: values('-e, --exclude PATTERN', 'Leave out what matches; may be repeated', text),
    verify: flag('--verify', 'Read every restored file back and compare it'),
    checksum: flag('--checksum', 'Compare content, also where size and time agree'),
    threads: value('--threads N', 'Worker threads; 0 for none', count),
  },
  json: 'One object: reference, tree (of a revision), target, files, directories, bytes, created, updated, unchanged, deleted, errors, elapsedMs; with --dry-run or --verbose also changes, a list of action (create, update, metadata, delete), kind and path.',
  interrupted: 'What was restored up to now is complete, file by file. Run the same command again to go on.',
  examples: [
    { command: 'varve restore docs ./docs-restored', about: 'Restore the newest revision into a new folder' },
    {
      command: "varve restore 'docs@yesterday:/letters' ~/docs/letters --dry-run",
      about: 'See what it would take to make a folder as it was yesterday',
    },
  ],
  async run(context, [given = '', target = ''], options) {
    const ref = await referenceMeant(given, context);
    const { output, signal } = context;
    const { include, exclude, dryRun, verify, checksum, threads } = options;
    const source = isPathReference(ref) ? await pastSource(ref, context) : await storedSource(ref, context);
    const changes: RestoreChange[] = [];
    const listsChanges = dryRun || output.verbose;
    const onChange = (change: RestoreChange) => {
      if (output.json) changes.push(change);
      else output.line(`${ACTION_SIGNS[change.action]} ${change.path}`);
    };
    let report: RestoreReport;
    try {
      report = await restore({
        ...source.request,
        target: nameGiven(target),
        options: {
          ...{ delete: options.delete, dryRun, include, exclude, verify, checksum, signal },
          staying: await stayingFolders(context, nameGiven(target)),
          ...(threads !== undefined && { threads }),
          ...(listsChanges && { onChange }),
          onProgress: output.onProgress,
          onError: output.itemError,
        },
      });
    } finally {
      await source.release();
    }
    const result = {
      reference: ref,
      ...(source.tree !== undefined && { tree: source.tree }),
      target,
      ...report,
      ...(listsChanges && { changes }),
    };
    if (output.json) output.result(result, () => []);
    else for (const line of restoreLines(report, target, dryRun)) output.note(line);
    if (report.errors.length > 0) context.partial();
  },
});

/** What is restored, protected from collection until it is released. */
interface Source {
  readonly request: Pick<RestoreRequest, 'store' | 'root' | 'view'>;
  readonly tree?: string;
  release(): Promise<void>;
}

async function storedSource(ref: string, context: Context): Promise<Source> {
  const found = await resolveReference(ref, context.references);
  const hold = await holdTree(found);
  return { request: { store: found.store, root: found.entry }, tree: digestToText(found.tree), release: () => hold.release() };
}

async function pastSource(ref: string, context: Context): Promise<Source> {
  const past = await openPastTree(ref, context);
  if (past.time === undefined)
    throw new UsageError(`${ref}: as it was when?`, `Say it behind an @: varve restore '${ref}@yesterday 17:00' TARGET`);
  return { request: { store: await context.openStore(), root: past.entry, view: past.view }, release: async () => past[Symbol.dispose]() };
}

/** What --delete must never take: what Varve keeps itself, the store that is read among it, and what an undo has put away. */
async function stayingFolders(context: Context, target: ByteName): Promise<ReadonlySet<string>> {
  const trash = identityAt(joinPath(target, TRASH));
  return new Set([...(await ownFolders(context)), ...(trash === undefined ? [] : [trash])]);
}

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
