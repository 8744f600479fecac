import { diffTrees } from '../../tree/diff/diff.ts';
import { defineCommand } from '../command.ts';
import { DiffPrinter } from '../diff-printer.ts';
import { openView } from '../open-view.ts';
import { flag } from '../options.ts';

export default defineCommand({
  description: [
    'Prints what leads from the first to the second: + created, - deleted, M modified, T attributes changed (mode, owner, times, …), R moved, C copied. Either may be a revision, a part of one, or a path on disk, which is written /path, ./path, ../path or ~/path; with @TIME behind it, a watched folder as it was then.',
    'Equal parts of revisions are skipped without being read, so the time follows the changes.',
  ],
  arguments: [
    { name: 'BEFORE', about: 'A revision, perhaps with :/path behind, or a path, perhaps with @TIME', complete: 'archive' },
    { name: 'AFTER', about: 'The same', complete: 'archive' },
  ],
  options: {
    content: flag('-c, --content', 'Show how the text of files differs, as a unified diff'),
    copies: flag('--copies', 'Look through all of the first for the origin of what was created'),
    checksum: flag('--checksum', 'Compare bytes, also where size and time agree'),
  },
  json: 'One object a line for each change: kind (created, deleted, modified, attributes, moved, copied), path, from, before and after (entries as of varve ls), and with --content text (kind text, binary or too-different, and hunks).',
  examples: [
    { command: 'varve diff docs@~1 docs', about: 'What did the last save change?' },
    { command: 'varve diff docs:/letters ~/docs/letters --content', about: 'What has changed on disk since, line by line?' },
    { command: "varve diff '~/docs@yesterday' ~/docs", about: 'What has changed in a watched folder since yesterday?' },
  ],
  async run(context, [before = '', after = ''], { content, copies, checksum }) {
    const { output, signal } = context;
    using a = await openView(before, context);
    using b = await openView(after, context);
    const changes = await diffTrees(a.view, b.view, { copies, checksum, signal });
    const printer = new DiffPrinter(output, content ? { before: a.view, after: b.view, signal } : undefined);
    for (const change of changes) await printer.print(change);
    if (!output.json && !output.quiet) output.note(printer.summary());
  },
});
