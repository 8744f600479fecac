import { Archive } from '../../tree/archive.ts';
import { defineCommand } from '../command.ts';
import { counted, formatCount, formatSize } from '../output/amounts.ts';
import { tableLines } from '../output/table.ts';
import { formatTime } from '../output/times.ts';

export default defineCommand({
  description: [
    'Lists the archives of a store: how many revisions each has, and of the newest the time, the number of files, their size, and where they were saved from.',
  ],
  arguments: [],
  options: {},
  json: 'One object a line for each archive: archive, revisions, and of the newest revision time, tree, files, bytes, source; damagedLines when there are any.',
  examples: [
    { command: 'varve archives', about: 'What has been saved?' },
    { command: 'varve archives --store /mnt/backup --json', about: 'The same of another store, for a script' },
  ],
  async run(context) {
    const { output } = context;
    const store = await context.openStore();
    const rows: string[][] = [];
    for (const name of await store.archives()) {
      const { revisions, damaged } = await new Archive(store.archive(name)).read();
      const newest = revisions.at(-1);
      if (damaged.length > 0) {
        context.partial();
        const message = `${counted(damaged.length, 'line')} of the archive cannot be read`;
        output.itemError({ path: name, code: 'DAMAGED_ARCHIVE', message: `${message}: ${damaged[0]?.problem}` });
      }
      if (output.json) {
        const last = newest && { time: newest.time, tree: newest.tree, files: newest.files, bytes: newest.bytes, source: newest.source };
        output.line(
          JSON.stringify({
            archive: name,
            revisions: revisions.length,
            ...last,
            ...(damaged.length > 0 && { damagedLines: damaged.length }),
          }),
        );
      } else {
        rows.push([
          name,
          formatCount(revisions.length),
          ...(newest ? [formatTime(newest.time), formatCount(newest.files), formatSize(newest.bytes), newest.source ?? ''] : []),
        ]);
      }
    }
    if (output.json) return;
    if (rows.length === 0) return output.note('Nothing was saved here yet. Begin with: varve save DIR');
    for (const line of tableLines(COLUMNS, rows)) output.line(line);
  },
});

const COLUMNS = [
  { title: 'ARCHIVE' },
  { title: 'REVISIONS', align: 'right' },
  { title: 'LAST SAVED' },
  { title: 'FILES', align: 'right' },
  { title: 'SIZE', align: 'right' },
  { title: 'FROM' },
] as const;
