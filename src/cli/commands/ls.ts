import { type ByteName, showName } from '../../base/names.ts';
import { isUnknown, lastName } from '../../tree/view.ts';
import { walk } from '../../tree/walk.ts';
import { defineCommand } from '../command.ts';
import { EntryPrinter } from '../entry-printer.ts';
import { openTree } from '../open-tree.ts';
import { flag } from '../options.ts';

export default defineCommand({
  description: [
    'Lists what is in a folder of a revision, or of a watched folder as it was at any time (/path@TIME; without a time as the catalogue knows it now), in the order of the bytes of the names; of a file, the file itself. A folder that was never listed is told, and the exit status is 3.',
    'Bytes that are no UTF-8, control characters and backslashes in names are shown as \\xNN and \\\\, and are understood that way behind :/, so that every name that is shown can be pasted back.',
    'The long form shows mode, owner, group, size (of a folder: of all files in it, which is not known of times past of a watched one), time of modification and name; a + behind the mode means extended attributes.',
  ],
  arguments: [{ name: 'REF', about: 'A revision, perhaps with :/path behind; or a watched path, perhaps with @TIME', complete: 'archive' }],
  options: {
    long: flag('-l, --long', 'Show more than names'),
    recursive: flag('-R, --recursive', 'Go into folders'),
    directory: flag('-d, --directory', 'List the folder itself, not what is in it'),
  },
  json: 'One object a line for each entry: path, kind, mode, uid, gid, user, group, mtime, size, files and bytes (of a folder), content (a ref), target, device, xattrs, identity, torn, mimeType, previous, ctime, btime; what does not apply is left out.',
  examples: [
    { command: 'varve ls -l docs', about: 'List the newest revision of an archive' },
    { command: "varve ls -lR 'docs@2026-03-01:/letters'", about: 'List a folder, and all below it, as it was on a day' },
    { command: "varve ls -l '~/docs@yesterday 17:00'", about: 'List a watched folder as it was' },
  ],
  async run(context, [ref = ''], { long, recursive, directory }) {
    const { output, signal } = context;
    using found = await openTree(ref, context);
    const { view, entry } = found;
    const printer = new EntryPrinter(output, long);
    if (entry.kind !== 'directory' || directory) return printer.print(entry, found.path === '' ? entry.name : lastName(found.path));
    const from = { path: '' as ByteName, entry };
    const maxDepth = recursive ? Number.POSITIVE_INFINITY : 1;
    for await (const items of walk(view, { from, maxDepth, signal })) {
      for (const { entry, path, depth } of items) {
        if (depth > 0) printer.print(entry, path);
        if (!isUnknown(entry) || depth === maxDepth) continue;
        output.itemError({ path: showName(path) || ref, code: 'NOT_LISTED', message: 'it was never listed: what is in it is not known' });
        context.partial();
      }
    }
  },
});
