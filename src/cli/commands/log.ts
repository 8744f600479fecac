import { UsageError } from '../../base/errors.ts';
import { isPathReference } from '../../catalogue/history/past-reference.ts';
import { parseReference } from '../../tree/reference.ts';
import { findArchive } from '../../tree/resolve-reference.ts';
import { selectRevision } from '../../tree/select-revision.ts';
import { defineCommand } from '../command.ts';
import { logOfPath } from '../log-of-path.ts';
import { count, value } from '../options.ts';
import { counted, formatCount, formatSize } from '../output/amounts.ts';
import { tableLines } from '../output/table.ts';
import { formatTime } from '../output/times.ts';

export default defineCommand({
  description: [
    'Lists the revisions of an archive, newest first. The first column counts back from the newest, as references do: docs@~2.',
    'With ARCHIVE:/path, lists what happened to that file or folder instead: when it was created, modified, moved, deleted. A file that was moved is followed to where it was before.',
    'With @ and a time, ~N or a tag, begins there.',
    'With the path of a watched file or folder (/path, ./path, ../path or ~/path), lists the versions that the catalogue knows of it, newest first, also of one that is gone: through its moves, and of the files that others took the place of.',
  ],
  arguments: [{ name: 'ARCHIVE', about: 'An archive, perhaps with :/path behind; or a path, perhaps with @TIME', complete: 'archive' }],
  options: { limit: value('-n, --limit N', 'List at most so many', count) },
  json: 'One object a line: for revisions back (as in ARCHIVE@~N), time, tree, files, bytes, host, user, source, note, tags, pinned, more; for a path kind (created, modified, attributes, moved, deleted), path, from, time, tree, back, and before and after, entries as of varve ls; for a watched path time, type, size, digest, kind (created, modified, attributes, moved, deleted, rotted, found), path, from, origin, process, pid, unit, user, uid, mtime, kept, id.',
  examples: [
    { command: 'varve log docs', about: 'The revisions of an archive' },
    { command: 'varve log docs:/letters/2026.txt', about: 'What happened to one file?' },
    { command: 'varve log ~/docs/letters/2026.txt', about: 'The versions of a watched file, minute by minute' },
  ],
  async run(context, [ref = ''], { limit = Number.POSITIVE_INFINITY }) {
    const { output } = context;
    if (isPathReference(ref)) return (await import('../log-of-live-path.ts')).logOfLivePath(context, ref, limit);
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
  },
});

const COLUMNS = [
  { title: 'BACK' },
  { title: 'TIME' },
  { title: 'FILES', align: 'right' },
  { title: 'SIZE', align: 'right' },
  { title: 'TREE' },
  { title: 'TAGS AND NOTE' },
] as const;
