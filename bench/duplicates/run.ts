/**
 * `varve dups` beside jdupes, rdfind and fdupes, on files in the system's cache or not: reading them, and from a catalogue, as a command and inside a process. Fails unless all who list
 * groups list the same.
 *
 *   npm run build && node bench/duplicates/run.ts [--tree DIR] [--runs N] [--cold] [--smoke]
 *
 *   --tree DIR  whose files are compared (/usr); a tree with many duplicates and large files is made and measured too
 *   --runs N    times each is repeated, in turns (5); a value is the median
 *   --cold      the system's cache is emptied before each run, but for the programs themselves; only root may do that
 *   --smoke     a tiny tree, once: shows that the benchmark works, not how fast anything is
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { atOneMoment, openForReading, openForWriting } from '../../src/catalogue/database.ts';
import { duplicates } from '../../src/catalogue/questions/duplicates.ts';
import { blake3 } from '../../src/hash/blake3.ts';
import { CatalogueFill } from '../../test/support/catalogue/fill.ts';
import { fillFromDisk } from '../../test/support/catalogue/real-tree.ts';
import { type Cost, firstLine, measure } from '../measure.ts';
import { median } from '../statistics.ts';
import { measureTree } from '../trees.ts';
import { type Finder, firstOdd, othersFor, varveFor } from './peers.ts';
import { type DuplicatesTree, makeDuplicatesTree } from './tree.ts';

const { values: options } = parseArgs({
  options: {
    tree: { type: 'string', default: '/usr' },
    runs: { type: 'string', default: '5' },
    cold: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
  },
});
const VARVE = join(import.meta.dirname, '../../bin/varve');
const runs = options.smoke ? 1 : Number(options.runs);
const SMOKE: DuplicatesTree = { smallFiles: 200, largeFiles: 8, largeBytes: 200_000 };
const WHOLE: DuplicatesTree = { smallFiles: 50_000, largeFiles: 40, largeBytes: 32 << 20 };

const scratch = mkdtempSync(join(tmpdir(), 'varve-bench-duplicates-'));
try {
  const made = join(scratch, 'made');
  makeDuplicatesTree(made, options.smoke ? SMOKE : WHOLE);
  await bench(made);
  if (!options.smoke) await bench(options.tree);
} finally {
  rmSync(scratch, { recursive: true });
}

async function bench(tree: string): Promise<void> {
  const { files, bytes } = measureTree(tree, true);
  const home = mkdtempSync(join(scratch, 'home-'));
  makeCatalogue(tree, home);
  const others = othersFor(tree).filter(({ command }) => firstLine({ argv: [command.argv[0], '--version'] }) !== undefined);
  const finders = [...varveFor(VARVE, tree, home), ...others];
  const costs = new Map<Finder, Cost[]>(finders.map((finder) => [finder, []]));
  for (let run = 0; run < runs; run++)
    for (const finder of finders) {
      if (options.cold) emptyCache(finder);
      costs.get(finder)?.push(await measure(finder.command));
    }
  const found = groupsOf(finders[0] as Finder, costs);
  console.log(
    `\n### ${files} files of ${tree}, ${(bytes / 1e6).toFixed(0)} MB; ${found.length} groups; medians of ${runs}${options.cold ? ', nothing in the cache' : ''}\n`,
  );
  console.log('| | wall, ms | CPU, ms | memory, MB |\n|---|--:|--:|--:|');
  for (const [{ name, groups }, each] of costs) {
    const value = (of: (cost: Cost) => number): string => median(each.map(of)).toFixed(0);
    console.log(
      `| ${name} | ${value(({ wallMs }) => wallMs)} | ${value(({ cpuMs }) => cpuMs)} | ${value(({ peakBytes }) => peakBytes / 1e6)} |`,
    );
    const odd = groups && firstOdd(found, groups(each[0]?.stdout ?? ''));
    if (odd !== undefined) throw new Error(`varve dups --read and ${name} do not agree on ${odd}`);
  }
  const inside = Array.from({ length: runs }, () => {
    if (options.cold) emptyCache(finders[0] as Finder);
    return timeInside(join(home, 'catalogue.db'));
  });
  const values = (['firstMs', 'allMs'] as const).map((key) => median(inside.map((each) => each[key])).toFixed(1));
  console.log(`\nFrom the catalogue in a process, first group / all: ${values.join(' / ')} ms`);
}

function emptyCache({ command }: Finder): void {
  spawnSync('sync');
  writeFileSync('/proc/sys/vm/drop_caches', '3');
  firstLine({ argv: [command.argv[0], '--version'] });
}

function groupsOf(finder: Finder, costs: ReadonlyMap<Finder, readonly Cost[]>): string[][] {
  return finder.groups?.(costs.get(finder)?.[0]?.stdout ?? '') ?? [];
}

function makeCatalogue(tree: string, home: string): void {
  mkdirSync(home, { recursive: true });
  const database = openForWriting(join(home, 'catalogue.db'));
  const fill = new CatalogueFill(database);
  fillFromDisk(fill, tree, (path, size) => (size > 0 ? blake3.hash(readFileSync(path)) : undefined));
  fill.finish();
  database.close();
}

function timeInside(path: string): { readonly firstMs: number; readonly allMs: number } {
  const database = openForReading(path);
  if (database === undefined) throw new Error('the catalogue was not made');
  const started = performance.now();
  let firstMs: number | undefined;
  atOneMoment(database, () => {
    for (const _ of duplicates(database)) firstMs ??= performance.now() - started;
  });
  const allMs = performance.now() - started;
  database.close();
  return { firstMs: firstMs ?? allMs, allMs };
}
