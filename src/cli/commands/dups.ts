import { existsSync } from 'node:fs';
import { UsageError } from '../../base/errors.ts';
import { type ByteName, nameToBytes, showName } from '../../base/names.ts';
import { absolutePath } from '../../catalogue/history/past-reference.ts';
import { type DuplicateGroup, duplicates } from '../../catalogue/questions/duplicates.ts';
import { digestToText } from '../../hash/digest.ts';
import type { Digest } from '../../hash/types.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { CopyActions, outsideTrash, type ShownAction, wantedAction } from '../copy-actions.ts';
import { knownPlace, watchedPath } from '../known-place.ts';
import { askCatalogue } from '../open-catalogue.ts';
import { flag, size, value } from '../options.ts';
import { counted, formatSize } from '../output/amounts.ts';
import type { Output } from '../output/output.ts';

export default defineCommand({
  description: [
    'Prints groups of files with the same content, those first whose copies waste the most. Several hard links to one file are one copy, and empty files are none.',
    'With --link, --reflink or --trash the first file of each group stays, and the others are done away with: printed as it would be, and done with --yes. Before that each is compared with the first byte by byte; what differs, or is changed meanwhile, is left as it is and listed, and the exit status is 3.',
    'What the catalogue knows is answered from its digests; where a PATH is not watched, all are read: files of equal size, large ones at first at their ends alone.',
  ],
  arguments: [
    {
      name: 'PATH',
      about: 'Only below these folders; everything that is watched when left out',
      optional: true,
      many: true,
      complete: 'folder',
    },
  ],
  options: {
    minSize: value('--min-size SIZE', 'Only files of at least this size', size),
    folders: flag('--folders', 'Also find folders with the same content, and leave out files in further copies of them'),
    read: flag('--read', 'Read the files below the PATHs now, even where the catalogue knows them'),
    link: flag('--link', 'Make further copies hard links to the first, which must have the same owner, mode and extended attributes'),
    reflink: flag(
      '--reflink',
      'Let further copies share the blocks of the first, as long as none is written to; on file systems such as Btrfs and XFS',
    ),
    trash: flag('--trash', 'Put further copies into the trash'),
    ignoreMetadata: flag('--ignore-metadata', 'Link also what has another owner, mode or extended attributes: it gets those of the first'),
    dryRun: flag('-n, --dry-run', 'Only print what would be done, as without --yes'),
    yes: flag('-y, --yes', 'Do it'),
  },
  json: 'One object a line for each group: kind (file, directory), digest, size, copies, waste, paths; with an action also actions: for each further copy path, do, done, trashed (where it is now) or error.',
  examples: [
    { command: 'varve dups ~/Pictures --min-size 1MiB', about: 'Which pictures are there twice?' },
    { command: 'varve dups ~/Pictures --reflink', about: 'What could share its blocks? With --yes it does' },
    { command: 'varve dups --folders', about: 'Folders and files that are there more than once, in all that is watched' },
  ],
  async run(context, args, options) {
    const { minSize = 1, folders, read } = options;
    const { output } = context;
    const action = wantedAction(options);
    if (action !== undefined && folders) throw new UsageError(`--${action} is for files, and --folders finds folders too`);
    const actions = action && (await CopyActions.prepare(context, action, options));
    if (read && folders) throw new UsageError('--read finds files, and --folders finds folders too');
    if (read && args.length === 0) throw new UsageError('--read needs a PATH: what is to be read');
    const places = args.map((text) => placeMeant(context, absolutePath(text), folders));
    const paths = outermost(places.map(({ path }) => path));
    const sums = { groups: 0, waste: 0 };
    const show = (group: DuplicateGroup, acted?: readonly ShownAction[]): void => {
      sums.groups++;
      sums.waste += group.waste;
      print(output, group, acted);
    };
    const found: DuplicateGroup[] = [];
    if (read || places.some(({ isWatched }) => !isWatched)) found.push(...(await readAll(context, paths, minSize)));
    else
      askCatalogue(context, (database) => {
        for (const group of duplicates(database, { minBytes: minSize, folders, ...(paths.length > 0 && { below: paths }) })) {
          // What changes files takes its time, and the catalogue is not kept at one moment for so long.
          if (actions !== undefined) found.push(group);
          else show(group);
          if (sums.groups === 1) output.flush();
        }
      });
    for (const one of found) {
      const group = actions === undefined ? one : outsideTrash(one);
      if (group !== undefined) show(group, await actions?.take(group));
    }
    output.note(
      sums.groups === 0 ? 'Nothing is there twice.' : `${counted(sums.groups, 'group')}; ${formatSize(sums.waste)} in further copies.`,
    );
    if (actions !== undefined && sums.groups > 0) output.note(actions.summary());
  },
});

/** A path as the catalogue has it; one that is not watched is read, if it is there. Folders are found by the catalogue alone. Throws NotWatchedError, NotInCatalogueError. */
function placeMeant(context: Context, path: ByteName, folders: boolean): { readonly path: ByteName; readonly isWatched: boolean } {
  const watched = watchedPath(context, path);
  if (watched !== undefined) return { path: watched, isWatched: true };
  if (folders || !existsSync(nameToBytes(path))) askCatalogue(context, (database) => knownPlace(database, path));
  return { path, isWatched: false };
}

async function readAll(context: Context, paths: readonly ByteName[], minBytes: number): Promise<DuplicateGroup[]> {
  const { findDuplicates } = await import('../../catalogue/disk-duplicates/find-duplicates.ts');
  return findDuplicates(paths, {
    minBytes,
    onFailure: ({ path, code, message }) => {
      context.partial();
      context.output.itemError({ path: showName(path), code, message });
    },
    onProgress: context.output.onProgress,
    signal: context.signal,
  });
}

function print(output: Output, { kind, digest, size, copies, waste, paths }: DuplicateGroup, acted?: readonly ShownAction[]): void {
  const shown = paths.map(showName);
  const text = kind === 'file' ? digestToText(digest as Digest) : Buffer.from(digest).toString('hex');
  const json = { kind, digest: text, size, copies, waste, paths: shown, ...(acted && { actions: acted.map(actionJson) }) };
  output.result(json, () => [
    `${copies} × ${formatSize(size)}${kind === 'directory' ? ' folders' : ''}, ${formatSize(waste)} in further copies`,
    ...shown.map(
      (path, i) =>
        `${i === 0 || acted === undefined ? ' ' : signOf(acted[i - 1] as ShownAction)} ${path}${kind === 'directory' ? '/' : ''}`,
    ),
  ]);
}

const SIGNS = { link: '=', reflink: '~', trash: '-' } as const;

function signOf({ action, failure }: ShownAction): string {
  return failure === undefined ? SIGNS[action] : '!';
}

function actionJson({ path, action, isDone, trashed, failure }: ShownAction): unknown {
  return {
    path: showName(path),
    do: action,
    done: isDone,
    ...(trashed !== undefined && { trashed: showName(trashed) }),
    ...(failure !== undefined && { error: { code: failure.code, message: failure.message } }),
  };
}

/** Without those that lie in another one. */
function outermost(paths: readonly ByteName[]): ByteName[] {
  const distinct = [...new Set(paths)];
  return distinct.filter((path) => !distinct.some((other) => other !== path && path.startsWith(other.endsWith('/') ? other : `${other}/`)));
}
