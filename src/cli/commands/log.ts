import { isPathReference } from '../../catalogue/history/past-reference.ts';
import { defineCommand } from '../command.ts';
import { count, value } from '../options.ts';
import { referenceMeant } from '../path-meant.ts';

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
  async run(context, [given = ''], { limit = Number.POSITIVE_INFINITY }) {
    const ref = await referenceMeant(given, context);
    // Each loads what it needs and nothing of the other: this is asked often, and starting is most of it.
    if (isPathReference(ref)) return (await import('../log-of-live-path.ts')).logOfLivePath(context, ref, limit);
    return (await import('../log-of-archive.ts')).logOfArchive(context, ref, limit);
  },
});
