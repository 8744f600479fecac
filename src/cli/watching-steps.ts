import { basename } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { nameFromShown, showName } from '../base/names.ts';
import { atOneMoment } from '../catalogue/database.ts';
import { Paths } from '../catalogue/look/paths.ts';
import type { DaemonStatus } from '../serve/types.ts';
import { howToCall } from './how-to-call.ts';
import { counted, formatSize } from './output/amounts.ts';
import { missingLines } from './output/status-lines.ts';
import { factLines } from './output/table.ts';
import { shellQuote } from './shell-quote.ts';

/** How many files are looked through for one to show. */
const SEARCHED_FILES = 2000;
const READABLE_BYTES = 64 * 1024;
const READABLE_NAME = /\.(?:md|txt|json|html|css|[chjt]s?|py|toml|ya?ml|sh|conf)$|(?:^|\/)[A-Z]+$/;

/** What is watched now, and commands to go on with: literal ones, that work when pasted. */
export function watchingLines({ roots }: DaemonStatus, database: DatabaseSync | undefined): string[] {
  const varve = howToCall();
  const [first] = roots;
  const file = first && database && atOneMoment(database, () => someFile(database, first.path));
  const folder = first?.path ?? '.';
  const steps: (readonly [string, string])[] = [
    ['how it goes', `${varve} status`],
    ['what happened', `${varve} events`],
    ...(file === undefined
      ? []
      : ([
          ['versions', `${varve} log ${shellQuote(file)}`],
          ['read one', `${varve} cat ${shellQuote(`${file}@now`)}`],
          ['search', `${varve} search ${shellQuote(basename(file))}`],
        ] as const)),
    ['as it was', `${varve} ls -l ${shellQuote(`${folder}@now`)}`],
    ['restore', `${varve} restore ${shellQuote(`${folder}@now`)} ${shellQuote(`./${basename(folder)}-restored`)}`],
    ['end', `${varve} stop`],
  ];
  return [
    ...roots
      .filter(({ missing }) => !missing)
      .map(
        ({ path, nodes, kept, bytes, watcher }) =>
          `Watching ${path} (${watcher}): ${counted(nodes, 'file and folder', 'files and folders')}, ${formatSize(bytes)}, ${counted(kept, 'file')} kept.`,
      ),
    ...missingLines(roots),
    '',
    'What to type next, in another terminal:',
    ...factLines(steps).map((line) => `  ${line}`),
  ];
}

/** A file of a root that is worth printing: small, kept, and likely to be text. */
function someFile(database: DatabaseSync, root: string): string | undefined {
  const paths = new Paths(database);
  const top = paths.find(nameFromShown(root));
  const files = database
    .prepare('SELECT id FROM node WHERE kind = 8 AND size BETWEEN 1 AND ? AND digest IN (SELECT digest FROM content) LIMIT ?')
    .all(READABLE_BYTES, SEARCHED_FILES) as { id: number }[];
  for (const { id } of files) {
    const path = paths.of(id);
    if (path === undefined || top === undefined || !READABLE_NAME.test(path)) continue;
    const shown = showName(path);
    if (shown.startsWith(`${root}/`)) return shown;
  }
  return undefined;
}
