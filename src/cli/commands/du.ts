import { UsageError } from '../../base/errors.ts';
import { absolutePath, isPathReference, readPastReference } from '../../catalogue/history/past-reference.ts';
import { USAGE_GROUPS } from '../../catalogue/questions/usage-by.ts';
import { digestFromText, digestToText } from '../../hash/digest.ts';
import { Archive } from '../../tree/archive.ts';
import { type ResolvedReference, resolveReference } from '../../tree/resolve-reference.ts';
import { decodeRoot } from '../../tree/root-block.ts';
import { usageOf } from '../../tree/usage/usage.ts';
import { StoredTree } from '../../tree/view.ts';
import { defineCommand } from '../command.ts';
import { joinNames, showPathIn } from '../entry-json.ts';
import { count, oneOf, text, value } from '../options.ts';
import { formatCount, formatSize } from '../output/amounts.ts';
import { pad } from '../output/table.ts';
import { referenceMeant } from '../path-meant.ts';
import { givenMoment } from '../times-given.ts';

const AGAINST = ['archive', 'store', 'nothing'] as const;

export default defineCommand({
  description: [
    'Of a path in a watched folder, PATH or PATH@TIME, or with --at, --since or --by, it answers from the catalogue: sizes as they are now or were then, how much each folder has grown, or what takes the space by type, age or owner.',
    'Of a revision it shows for each folder the size of the files in it, how much of the revision’s blocks stand there and nowhere else (UNIQUE: about so much, before compression, would be freed if this revision were forgotten), and how much other revisions have too (SHARED). A folder follows those in it.',
  ],
  arguments: [
    {
      name: 'PATH_OR_REF',
      about: 'A watched folder or file, perhaps with @TIME, or a revision, perhaps with :/path behind',
      complete: 'archive',
    },
  ],
  options: {
    depth: value('-d, --depth N', 'Show folders so deep, 0 for the top alone; 1 when left out', count),
    against: value(
      '--against WHAT',
      `What counts as other revisions: those of the same ${AGAINST[0]} (the default), of the whole ${AGAINST[1]}, or ${AGAINST[2]}`,
      oneOf(AGAINST),
      { complete: AGAINST },
    ),
    at: value('--at TIME', 'Show a watched folder as it was: 2026-03-01, "yesterday 17:00", 7d', text),
    since: value('--since TIME', 'Show how a watched folder has grown since then', text),
    by: value('--by WHAT', `Add up what is in a watched folder by ${USAGE_GROUPS.join(', ')}`, oneOf(USAGE_GROUPS), {
      complete: USAGE_GROUPS,
    }),
  },
  json: 'One object a line for each folder. Of a watched one: path, depth, files, directories, bytes, diskBytes (now only); with --since also bytesBefore, filesBefore and growth; with --by that word, files, bytes, diskBytes. Of a revision: path, depth, files, bytes, uniqueBytes, sharedBytes.',
  examples: [
    { command: 'varve du ~/Videos --since 30d', about: 'What has grown in the last month?' },
    { command: 'varve du docs', about: 'What takes the space in the newest revision?' },
    { command: "varve du 'docs@~5' --depth 0 --against store", about: 'What would be freed by forgetting one revision?' },
  ],
  async run(context, [ref = ''], { depth = 1, against = 'archive', at, since, by }) {
    const { references, output, signal } = context;
    if ([at, since, by].filter((each) => each !== undefined).length > 1) throw new UsageError('--at, --since and --by exclude each other');
    const asksCatalogue = at !== undefined || since !== undefined || by !== undefined;
    const meant = asksCatalogue ? ref : await referenceMeant(ref, context);
    if (asksCatalogue || isPathReference(meant)) {
      const { showLiveUsage } = await import('../du-live.ts');
      const named = asksCatalogue ? undefined : await readPastReference(meant, new Date());
      const moment = at === undefined ? named?.time : await givenMoment('--at', at);
      return showLiveUsage(context, named?.path ?? absolutePath(ref), {
        depth,
        ...(moment !== undefined && { at: moment }),
        ...(since !== undefined && { since: await givenMoment('--since', since) }),
        ...(by !== undefined && { by }),
      });
    }
    const found = await resolveReference(ref, references);
    const tree = new StoredTree(found.store, found.entry);
    const others = await otherTrees(found, against, tree);
    const base = joinNames(found.path);
    if (!output.json && !output.quiet)
      output.line(`${['SIZE', 'UNIQUE', 'SHARED', 'FILES'].map((title) => pad(title, WIDTH, 'right')).join('  ')}  FOLDER`);
    for await (const { path, depth: level, files, bytes, uniqueBytes, sharedBytes } of usageOf(tree, { others, maxDepth: depth, signal })) {
      const shown = showPathIn([base, path].filter((part) => part !== '').join('/') as typeof path);
      output.result({ path: shown, depth: level, files, bytes, uniqueBytes, sharedBytes }, () => [
        `${[formatSize(bytes), formatSize(uniqueBytes), formatSize(sharedBytes), formatCount(files)].map((cell) => pad(cell, WIDTH, 'right')).join('  ')}  ${shown}`,
      ]);
    }
  },
});

const WIDTH = 9;

/** The distinct trees of other revisions. */
async function otherTrees(
  { store, archive, tree }: ResolvedReference,
  against: (typeof AGAINST)[number],
  readers: StoredTree,
): Promise<StoredTree[]> {
  const archives =
    against === 'store'
      ? (await store.archives()).map((name) => new Archive(store.archive(name)))
      : against === 'archive' && archive
        ? [archive]
        : [];
  const trees = new Set<string>();
  for (const each of archives) for (const revision of (await each.read()).revisions) trees.add(revision.tree);
  trees.delete(digestToText(tree));
  const roots = await Promise.all([...trees].map(async (text) => decodeRoot(await store.get(digestFromText(text)))));
  return roots.map((root) => readers.at(root));
}
