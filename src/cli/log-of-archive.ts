import { UsageError } from '../base/errors.ts';
import { parseReference } from '../tree/reference.ts';
import { findArchive } from '../tree/resolve-reference.ts';
import { selectRevision } from '../tree/select-revision.ts';
import type { Context } from './context.ts';
import { logOfPath } from './log-of-path.ts';
import { counted, formatCount, formatSize } from './output/amounts.ts';
import { tableLines } from './output/table.ts';
import { formatTime } from './output/times.ts';

/** Prints the revisions of an archive, newest first, or what happened to a path in them. */
export async function logOfArchive(context: Context, ref: string, limit: number): Promise<void> {
  const { output } = context;
  const { store: specification, target, path } = parseReference(ref);
  if (target.kind === 'tree') throw new UsageError(`${ref} is a tree, which has no history`, 'Name an archive: varve archives');
  const store = await context.openStore(specification);
  const archive = await findArchive(store, target);
  const { revisions, damaged } = await archive.read();
  for (const { lineNumber, problem } of damaged) {
    context.partial();
    output.itemError({ path: `${archive.name}, line ${lineNumber}`, code: 'DAMAGED_LINE', message: problem });
  }
  const first = target.when === undefined ? revisions.at(-1) : await selectRevision(archive.name, revisions, target.when, new Date());
  const listed = revisions
    .map((revision, i) => ({ revision, back: revisions.length - 1 - i }))
    .slice(0, first === undefined ? 0 : revisions.indexOf(first) + 1)
    .reverse();
  if (path.length > 0) return logOfPath(context, store, listed, path, limit);
  const shown = listed.slice(0, limit);
  if (output.json) {
    for (const { revision, back } of shown) {
      const { line: _, lineNumber: __, ...fields } = revision;
      output.line(JSON.stringify({ back, ...fields }));
    }
    return;
  }
  const rows = shown.map(({ revision: { time, tree, files, bytes, note, tags = [], pinned }, back }) => [
    `~${back}`,
    formatTime(time),
    formatCount(files),
    formatSize(bytes),
    output.verbose ? tree : tree.slice(0, tree.indexOf(':') + 13),
    [pinned ? 'pinned' : '', ...tags.map((tag) => `@${tag}`), note ?? ''].filter((part) => part !== '').join(' '),
  ]);
  for (const line of tableLines(COLUMNS, rows)) output.line(line);
  if (listed.length > shown.length) output.note(`${counted(listed.length - shown.length, 'older revision')} not listed.`);
}

const COLUMNS = [
  { title: 'BACK' },
  { title: 'TIME' },
  { title: 'FILES', align: 'right' },
  { title: 'SIZE', align: 'right' },
  { title: 'TREE' },
  { title: 'TAGS AND NOTE' },
] as const;
