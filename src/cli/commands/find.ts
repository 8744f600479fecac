import { find } from '../../tree/find.ts';
import type { EntryKind } from '../../tree/types.ts';
import { defineCommand } from '../command.ts';
import { EntryPrinter } from '../entry-printer.ts';
import { openTree } from '../open-tree.ts';
import { count, flag, list, oneOf, size, value } from '../options.ts';
import { readMoment } from '../spans.ts';

const KINDS = [
  'file',
  'directory',
  'symlink',
  'fifo',
  'socket',
  'character',
  'block',
  'hardlink',
  'whiteout',
] as const satisfies readonly EntryKind[];

export default defineCommand({
  description: [
    'Prints the paths of the entries below REF that match PATTERN and everything else that is asked. A pattern without a slash is held against names, one with a slash against whole paths (** for any number of folders). Paths are given from the top of the revision; of a watched folder (/path@TIME), from that folder.',
  ],
  arguments: [
    { name: 'REF', about: 'A revision, perhaps with :/path behind; or a watched path, perhaps with @TIME', complete: 'archive' },
    { name: 'PATTERN', about: 'A pattern like *.jpg or src/**/*.ts; everything when left out', optional: true },
  ],
  options: {
    regex: flag('-r, --regex', 'PATTERN is a JavaScript regular expression, to be found anywhere in the path'),
    ignoreCase: flag('-i, --ignore-case', 'Take upper and lower case alike'),
    kind: list('-k, --kind KIND', `Only entries of this kind, or these with commas between: ${KINDS.join(', ')}`, oneOf(KINDS), {
      complete: KINDS,
    }),
    minSize: value('--min-size SIZE', 'Only files of at least this size', size),
    maxSize: value('--max-size SIZE', 'Only files of at most this size', size),
    newer: value('--newer TIME', 'Modified at or after this time, or in this span: 2026-03-01, 7d', readMoment),
    older: value('--older TIME', 'Modified before this time, or longer ago than this span', readMoment),
    depth: value('--depth N', 'Go so deep and no deeper', count),
    long: flag('-l, --long', 'Show more than paths'),
  },
  json: 'One object a line for each entry found, as of varve ls.',
  examples: [
    { command: "varve find docs '*.pdf' --min-size 1MiB", about: 'Find large documents' },
    {
      command: "varve find 'docs@2026-03-01:/src' -r '_v[0-9]+[.]c$'",
      about: 'Find by a regular expression in a folder of an older revision',
    },
  ],
  async run(context, [ref = '', pattern], options) {
    const { output, signal } = context;
    using tree = await openTree(ref, context);
    const printer = new EntryPrinter(output, options.long);
    const found = find(tree.view, {
      from: { path: tree.path, entry: tree.entry },
      ...(pattern !== undefined && (options.regex ? { regex: pattern } : { glob: pattern })),
      ignoreCase: options.ignoreCase,
      ...(options.kind.length > 0 && { kinds: options.kind }),
      ...(options.minSize !== undefined && { minBytes: options.minSize }),
      ...(options.maxSize !== undefined && { maxBytes: options.maxSize }),
      ...(options.newer !== undefined && { newerThanMs: options.newer }),
      ...(options.older !== undefined && { olderThanMs: options.older }),
      ...(options.depth !== undefined && { maxDepth: options.depth }),
      signal,
    });
    for await (const items of found) for (const item of items) printer.print(item.entry, item.path);
  },
});
