import { statfsSync } from 'node:fs';
import { UsageError } from '../../base/errors.ts';
import { type ByteName, nameFromText, nameToBytes, showName } from '../../base/names.ts';
import { figuresOf, type RootFigures } from '../../catalogue/figures.ts';
import { isBelow } from '../../catalogue/look/paths.ts';
import { homesOf } from '../../catalogue/owners/homes.ts';
import { type RootSuggestion, suggestRoots } from '../../catalogue/suggest-roots.ts';
import { readMounts } from '../../sys/mounts.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { howToCall } from '../how-to-call.ts';
import { askCatalogueIfThere } from '../open-catalogue.ts';
import { flag } from '../options.ts';
import { formatCount, formatSize } from '../output/amounts.ts';
import { type Column, tableLines } from '../output/table.ts';
import { removeRoots } from '../remove-roots.ts';
import { shellQuote } from '../shell-quote.ts';

export default defineCommand({
  description: [
    'Lists the folders that are watched, with what is known of them and the file systems that are mounted inside.',
    'With --suggest it proposes others: the homes of people, and the file systems of the mount table that hold files, each once however often it is mounted. What other machines do on a network share, no kernel tells: there only scans find changes.',
    'With --remove folders are watched no more, from now on, also while a daemon runs. Their files are not touched, and nothing that was kept of them is lost: log, cat DIR/FILE@TIME, restore and events answer for the time until then. To watch one again: varve start DIR',
  ],
  arguments: [{ name: 'DIR', about: 'With --remove: watched folders', many: true, optional: true, complete: 'folder' }],
  options: {
    remove: flag('--remove', 'Watch these folders no more, and keep their history'),
    suggest: flag('--suggest', 'Propose folders that could be watched'),
  },
  json: 'One object a line for each folder: path, files (all that is known in it), bytes, scanned, gaps, mounts. With --suggest: path, why (home, file system or network), and of a file system type, source, files and bytes in use. With --remove: path.',
  examples: [
    { command: 'varve roots', about: 'What is watched?' },
    { command: 'varve roots --suggest', about: 'What else could be?' },
    { command: 'varve roots --remove ~/downloads', about: 'Watch a folder no more' },
  ],
  async run(context, folders, { suggest, remove }) {
    if (remove) return showRemoved(context, folders, suggest);
    if (folders.length > 0)
      throw new UsageError('folders are named with --remove alone', `Watch one with: ${howToCall()} start ${shellQuote(folders[0] ?? '')}`);
    const roots = askCatalogueIfThere(context, figuresOf, []);
    if (suggest) showSuggestions(context, roots);
    else showRoots(context, roots);
  },
});

async function showRemoved(context: Context, folders: readonly string[], suggest: boolean): Promise<void> {
  if (suggest) throw new UsageError('--remove and --suggest exclude each other');
  if (folders.length === 0) throw new UsageError('--remove needs a folder', `Those that are watched: ${howToCall()} roots`);
  const { output } = context;
  for (const path of await removeRoots(context, folders)) {
    const shown = showName(path);
    if (output.json) output.line(JSON.stringify({ path: shown }));
    else output.note(`${shown} is not watched any more. What was known of it stays: ${howToCall()} events ${shellQuote(shown)}`);
  }
}

const ROOT_COLUMNS: readonly Column[] = [
  { title: 'FILES', align: 'right' },
  { title: 'SIZE', align: 'right' },
  { title: 'GAPS', align: 'right' },
  { title: 'FOLDER' },
];

function showRoots({ output }: Context, roots: readonly RootFigures[]): void {
  if (roots.length === 0) return output.note(`Nothing is watched yet. See what could be: ${howToCall()} roots --suggest`);
  const mounts = (readMounts() ?? []).map(({ path }) => path);
  const inside = (root: ByteName) => mounts.filter((path) => path !== root && isBelow(path, root));
  if (output.json) {
    for (const { path, nodes, bytes, isScanned, gaps } of roots)
      output.line(
        JSON.stringify({ path: showName(path), files: nodes, bytes, scanned: isScanned, gaps, mounts: inside(path).map(showName) }),
      );
    return;
  }
  const rows = roots.map(({ path, nodes, bytes, isScanned, gaps }) => [
    formatCount(nodes),
    formatSize(bytes),
    formatCount(gaps),
    `${showName(path)}${isScanned ? '' : '  (not scanned to the end yet)'}`,
  ]);
  for (const line of tableLines(ROOT_COLUMNS, rows)) output.line(line);
  for (const { path } of roots)
    for (const mount of inside(path)) output.detail(`${showName(mount)} is another file system, mounted in ${showName(path)}.`);
}

const SUGGESTION_COLUMNS: readonly Column[] = [
  { title: 'FILES', align: 'right' },
  { title: 'USED', align: 'right' },
  { title: 'WHAT' },
  { title: 'FOLDER' },
];

function showSuggestions({ output }: Context, known: readonly RootFigures[]): void {
  const home = process.env.HOME;
  const suggestions = suggestRoots({
    mounts: readMounts() ?? [],
    homes: homesOf(home === undefined ? undefined : nameFromText(home)),
    roots: known.map(({ path }) => path),
  });
  const used = suggestions.map((suggestion) => ({ ...suggestion, ...usedOf(suggestion) }));
  if (output.json) {
    for (const { path, why, mount, files, bytes } of used)
      output.line(
        JSON.stringify({
          path: showName(path),
          why,
          ...(mount !== undefined && { type: mount.type, source: showName(mount.source), files, bytes }),
        }),
      );
    return;
  }
  if (used.length === 0) return output.note('Everything that could be proposed is watched.');
  const rows = used.map(({ path, why, mount, files, bytes }) => [
    files === undefined ? '' : formatCount(files),
    bytes === undefined ? '' : formatSize(bytes),
    mount === undefined ? why : why === 'network' ? `${mount.type}, on the network` : mount.type,
    showName(path),
  ]);
  for (const line of tableLines(SUGGESTION_COLUMNS, rows)) output.line(line);
  output.note(`\nWatch one with: ${howToCall()} start ${shellQuote(showName(used[0]?.path ?? ('/' as ByteName)))}`);
}

/** How much the file system holds; nothing where it does not answer. */
function usedOf({ path, mount }: RootSuggestion): { readonly files?: number; readonly bytes?: number } {
  if (mount === undefined) return {};
  try {
    const { files, ffree, blocks, bfree, bsize } = statfsSync(nameToBytes(path));
    return { files: files - ffree, bytes: (blocks - bfree) * bsize };
  } catch {
    return {};
  }
}
