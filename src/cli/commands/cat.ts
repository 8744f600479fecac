import { resolveReference } from '../../tree/resolve-reference.ts';
import { StoredTree } from '../../tree/view.ts';
import { defineCommand } from '../command.ts';
import { joinNames } from '../entry-json.ts';
import { size, value } from '../options.ts';

export default defineCommand({
  description: ['Prints the bytes of files, one after another. Only what is needed is read from the store.'],
  arguments: [{ name: 'REF:/path', about: 'A file of a revision', many: true, complete: 'archive' }],
  options: {
    offset: value('--offset BYTES', 'Begin so far from the start of each file', size),
    length: value('--length BYTES', 'Print at most so much of each file', size),
  },
  examples: [
    { command: 'varve cat docs:/letters/2026.txt', about: 'Print a file as it was saved last' },
    { command: "varve cat 'docs@~3:/photo.jpg' > photo.jpg", about: 'Get one file back from three revisions ago' },
  ],
  async run({ references, output, signal }, refs, { offset, length }) {
    const range = { ...(offset !== undefined && { offset }), ...(length !== undefined && { length }), signal };
    for (const ref of refs) {
      const { store, root, entry, path } = await resolveReference(ref, references);
      for await (const bytes of new StoredTree(store, root).read(entry, joinNames(path), range)) output.bytes(bytes);
    }
  },
});
