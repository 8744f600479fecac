import { UsageError } from '../../base/errors.ts';
import type { ChunkStatistics } from '../../chunk/statistics.ts';
import { Datadir } from '../../store/datadir/datadir.ts';
import { chunkStatistics } from '../chunk-statistics.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { flag } from '../options.ts';
import { counted, formatCount, formatPart, formatSize } from '../output/amounts.ts';
import { factLines, tableLines } from '../output/table.ts';
import { type StoreStatistics, storeStatistics } from '../store-statistics.ts';

export default defineCommand({
  description: [
    'Shows what a store holds: archives and revisions, blocks before and after compression, and what all that takes on the disk.',
    'With --chunks PATH…, cuts those files as save would, keeps nothing, and shows the sizes of blocks, which format scanners found the boundaries, and what deduplication yields.',
  ],
  arguments: [{ name: 'PATH', about: 'With --chunks: files and folders', optional: true, many: true, complete: 'file' }],
  options: { chunks: flag('--chunks', 'Show how PATHs would be cut into blocks') },
  json: 'One object: store, id, hash, chunking, archives, revisions, savedBytes, segments, condemnedSegments, records, blocks, blockBytes, storedBytes, indexBytes, diskBytes; with --chunks files, bytes, blocks, blockBytes, uniqueBlocks, uniqueBytes, runs, runBytes, sizes, formats.',
  examples: [
    { command: 'varve stats', about: 'How large is the store, and what does it save?' },
    { command: 'varve stats --chunks ~/docs', about: 'How would these files be cut?' },
  ],
  async run(context, paths, { chunks }) {
    if (chunks !== paths.length > 0)
      throw new UsageError(chunks ? '--chunks needs paths' : 'paths are for --chunks', 'See: varve stats --help');
    const store = await context.openStore();
    if (chunks) return showChunks(context, paths);
    if (!(store instanceof Datadir)) throw new UsageError(`there are no figures of ${store.name}`);
    const figures = await storeStatistics(store, context.signal);
    context.output.result(figures, () => storeLines(figures));
  },
});

async function showChunks(context: Context, paths: readonly string[]): Promise<void> {
  const { output, signal } = context;
  const { chunking: bounds, hash } = await context.openStore();
  const onError: typeof output.itemError = (error) => {
    context.partial();
    output.itemError(error);
  };
  const figures = chunkStatistics(paths, { bounds, hash, onError, signal });
  output.result(figures, () => chunkLines(figures));
}

function storeLines(figures: StoreStatistics): string[] {
  const { chunking, savedBytes, blockBytes, storedBytes, diskBytes, condemnedSegments } = figures;
  return factLines([
    ['Store', figures.store],
    [
      'Hash and blocks',
      `${figures.hash}; ${formatSize(chunking.minBytes)} to ${formatSize(chunking.maxBytes)}, ${formatSize(chunking.targetBytes)} on average`,
    ],
    ['Archives', `${formatCount(figures.archives)}, with ${counted(figures.revisions, 'revision')} of ${formatSize(savedBytes)} in all`],
    ['Blocks', `${formatCount(figures.blocks)}, ${formatSize(blockBytes)} (${ratio(savedBytes, blockBytes)} deduplicated)`],
    ['Compressed to', `${formatSize(storedBytes)} (${ratio(blockBytes, storedBytes)})`],
    ['On disk', `${formatSize(diskBytes)} (${ratio(savedBytes, diskBytes)} in all), of it ${formatSize(figures.indexBytes)} for the index`],
    [
      'Segments',
      `${formatCount(figures.segments)}${condemnedSegments > 0 ? `, ${formatCount(condemnedSegments)} of them about to be removed` : ''}`,
    ],
  ]);
}

function chunkLines(figures: ChunkStatistics): string[] {
  const { files, bytes, blocks, blockBytes, uniqueBlocks, uniqueBytes, runs, runBytes, sizes, formats } = figures;
  const most = Math.max(0, ...sizes.map((size) => size.bytes));
  return [
    ...factLines([
      ['Files', `${formatCount(files)}, ${formatSize(bytes)}`],
      [
        'Blocks',
        `${formatCount(blocks)}, ${formatSize(blockBytes)}, ${blocks === 0 ? '-' : formatSize(Math.round(blockBytes / blocks))} on average`,
      ],
      ['Distinct', `${formatCount(uniqueBlocks)}, ${formatSize(uniqueBytes)} (${ratio(blockBytes, uniqueBytes)} deduplicated)`],
      ['Runs of one byte', `${formatCount(runs)}, ${formatSize(runBytes)}`],
    ]),
    '',
    ...tableLines(
      [{ title: 'BLOCKS FROM', align: 'right' }, { title: 'COUNT', align: 'right' }, { title: 'BYTES', align: 'right' }, { title: '' }],
      sizes.map((size) => [
        formatSize(size.fromBytes),
        formatCount(size.blocks),
        formatSize(size.bytes),
        '#'.repeat(Math.ceil((size.bytes / most) * 40)),
      ]),
    ),
    '',
    ...tableLines(
      [
        { title: 'CUT BY' },
        { title: 'FILES', align: 'right' },
        { title: 'BLOCKS', align: 'right' },
        { title: 'BYTES', align: 'right' },
        { title: 'PART', align: 'right' },
      ],
      formats.map((format) => [
        format.format,
        formatCount(format.files),
        formatCount(format.blocks),
        formatSize(format.bytes),
        formatPart(format.bytes, bytes),
      ]),
    ),
  ];
}

/** `3.2×`. */
function ratio(before: number, after: number): string {
  return after === 0 ? '-' : `${(before / after).toFixed(1)}×`;
}
