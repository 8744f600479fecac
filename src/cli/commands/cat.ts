import { defineCommand } from '../command.ts';
import { openTree } from '../open-tree.ts';
import { size, value } from '../options.ts';

export default defineCommand({
  description: ['Prints the bytes of files, one after another. Only what is needed is read from the store.'],
  arguments: [{ name: 'REF:/path', about: 'A file of a revision, or of a watched folder: /path@TIME', many: true, complete: 'archive' }],
  options: {
    offset: value('--offset BYTES', 'Begin so far from the start of each file', size),
    length: value('--length BYTES', 'Print at most so much of each file', size),
  },
  examples: [
    { command: 'varve cat docs:/letters/2026.txt', about: 'Print a file as it was saved last' },
    { command: "varve cat 'docs@~3:/photo.jpg' > photo.jpg", about: 'Get one file back from three revisions ago' },
    { command: "varve cat '~/docs/letter.txt@10 minutes ago'", about: 'Print a watched file as it was' },
  ],
  async run(context, refs, { offset, length }) {
    const { output, signal } = context;
    const range = { ...(offset !== undefined && { offset }), ...(length !== undefined && { length }), signal };
    for (const ref of refs) {
      using found = await openTree(ref, context);
      for await (const bytes of found.view.read(found.entry, found.path, range)) output.bytes(bytes);
    }
  },
});
