import { type ByteName, showName } from '../../base/names.ts';
import { type DuplicateGroup, duplicates } from '../../catalogue/questions/duplicates.ts';
import { digestToText } from '../../hash/digest.ts';
import type { Digest } from '../../hash/types.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { askCatalogue, isWatched, pathOf } from '../open-catalogue.ts';
import { flag, size, value } from '../options.ts';
import { counted, formatSize } from '../output/amounts.ts';
import type { Output } from '../output/output.ts';

export default defineCommand({
  description: [
    'Prints groups of files with the same content, those first whose copies waste the most. Several hard links to one file are one copy, and empty files are none.',
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
    read: flag('--read', 'Read the files now, even where the catalogue knows them'),
  },
  json: 'One object a line for each group: kind (file, directory), digest, size, copies, waste, paths.',
  examples: [
    { command: 'varve dups ~/Pictures --min-size 1MiB', about: 'Which pictures are there twice?' },
    { command: 'varve dups --folders', about: 'Folders and files that are there more than once, in all that is watched' },
  ],
  async run(context, args, { minSize = 1, folders, read }) {
    const { output } = context;
    const paths = outermost(args.map(pathOf));
    const sums = { groups: 0, waste: 0 };
    const show = (group: DuplicateGroup): void => {
      sums.groups++;
      sums.waste += group.waste;
      print(output, group);
    };
    if (paths.length > 0 && !folders && (read || !paths.every((path) => isWatched(context, path))))
      for (const group of await readAll(context, paths, minSize)) show(group);
    else
      askCatalogue(context, (database) => {
        for (const group of duplicates(database, { minBytes: minSize, folders, ...(paths.length > 0 && { below: paths }) })) show(group);
      });
    output.note(
      sums.groups === 0 ? 'Nothing is there twice.' : `${counted(sums.groups, 'group')}; ${formatSize(sums.waste)} in further copies.`,
    );
  },
});

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

function print(output: Output, { kind, digest, size, copies, waste, paths }: DuplicateGroup): void {
  const shown = paths.map(showName);
  const text = kind === 'file' ? digestToText(digest as Digest) : Buffer.from(digest).toString('hex');
  output.result({ kind, digest: text, size, copies, waste, paths: shown }, () => [
    `${copies} × ${formatSize(size)}${kind === 'directory' ? ' folders' : ''}, ${formatSize(waste)} in further copies`,
    ...shown.map((path) => `  ${path}${kind === 'directory' ? '/' : ''}`),
  ]);
}

/** Without those that lie in another one. */
function outermost(paths: readonly ByteName[]): ByteName[] {
  const distinct = [...new Set(paths)];
  return distinct.filter((path) => !distinct.some((other) => other !== path && path.startsWith(other.endsWith('/') ? other : `${other}/`)));
}
