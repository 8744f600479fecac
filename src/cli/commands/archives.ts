import { UsageError } from '../../base/errors.ts';
import { nearestNames } from '../../base/nearest.ts';
import { Datadir } from '../../store/datadir/datadir.ts';
import type { Store } from '../../store/types.ts';
import { Archive } from '../../tree/archive.ts';
import { damagedArchives, repairArchive } from '../../tree/repair-archive.ts';
import { NotFoundError } from '../../tree/resolve-reference.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { flag } from '../options.ts';
import { formatCount, formatSize } from '../output/amounts.ts';
import { repairLines } from '../output/repair-lines.ts';
import { tableLines } from '../output/table.ts';
import { formatTime } from '../output/times.ts';

export default defineCommand({
  description: [
    'Lists the archives of a store: how many revisions each has, and of the newest the time, the number of files, their size, and where they were saved from.',
    'With --repair, mends the files of archives that are damaged: revisions that can be read stay, the other lines are moved to a file beside the archive, and the witness, which says how many revisions there are, is made anew.',
  ],
  arguments: [
    { name: 'ARCHIVE', about: 'With --repair: which; without, all that are damaged', optional: true, many: true, complete: 'archive' },
  ],
  options: { repair: flag('--repair', 'Mend archives that are damaged; nothing is thrown away') },
  json: 'One object a line for each archive: archive, revisions, and of the newest revision time, tree, files, bytes, source; damagedLines when there are any. With --repair: archive, problem, aside (file and lines), trees (that those lines name), lines, lostLines.',
  interrupted: 'Each archive was either repaired or left as it was.',
  examples: [
    { command: 'varve archives', about: 'What has been saved?' },
    { command: 'varve archives --store /mnt/backup --json', about: 'The same of another store, for a script' },
    { command: 'varve archives --repair', about: 'Mend what varve verify or varve gc say of archives' },
  ],
  async run(context, names, { repair }) {
    if (names.length > 0 && !repair) throw new UsageError('archives are named for --repair', 'See: varve archives --help');
    const store = await context.openStore();
    return repair ? repairAll(context, store, names) : list(context, store);
  },
});

async function repairAll({ output, signal }: Context, store: Store, names: readonly string[]): Promise<void> {
  if (!(store instanceof Datadir)) throw new UsageError(`${store.name} has no archives that could be repaired`);
  const all = await store.archiveNames();
  for (const name of names) {
    if (!all.includes(name))
      throw new NotFoundError(
        `archive ${JSON.stringify(name)} in ${store.name}`,
        nearestNames(name, all),
        'List them with: varve archives',
      );
  }
  const damaged = await damagedArchives(store);
  const chosen = damaged.filter((name) => names.length === 0 || names.includes(name));
  for (const name of chosen) {
    const report = await repairArchive(store, name, signal);
    output.result({ archive: name, ...report }, () => repairLines(name, report));
  }
  if (chosen.length === 0) output.note('Nothing is damaged.');
}

async function list(context: Context, store: Store): Promise<void> {
  const { output } = context;
  const rows: string[][] = [];
  for (const name of store instanceof Datadir ? await store.archiveNames() : await store.archives()) {
    const { revisions, damaged } = await new Archive(store.archive(name)).read();
    const newest = revisions.at(-1);
    const problem = store instanceof Datadir ? await store.archive(name).problem() : undefined;
    context.damagedLines(name, damaged);
    if (problem !== undefined) {
      context.partial();
      const message = `the archive is damaged: ${problem}. Mend it with: varve archives --repair`;
      output.itemError({ path: name, code: 'DAMAGED_ARCHIVE', message });
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
}

const COLUMNS = [
  { title: 'ARCHIVE' },
  { title: 'REVISIONS', align: 'right' },
  { title: 'LAST SAVED' },
  { title: 'FILES', align: 'right' },
  { title: 'SIZE', align: 'right' },
  { title: 'FROM' },
] as const;
