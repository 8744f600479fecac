/**
 * `npm run bench`: Varve beside restic, borg and casync, on the same data, on this machine, now. The tools take turns within a run and runs are
 * repeated, so that what disturbs the machine disturbs all; a value is the median of its runs. The data is in the system's cache.
 *
 *   --only NAME,…   only these corpora, or `start`, `releases`, `growth` (which nothing else asks for: it takes 25 GB of disk)
 *   --peers NAME,…  only these tools
 *   --runs N        times each is repeated (3)
 *   --json FILE     also write every single measurement there
 *   --cache DIR     where corpora are kept and stores are made (~/.cache/varve/bench)
 *   --smoke         tiny data, once: shows that the benchmark works, not how fast anything is
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, homedir, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { GROWING, ready, SERIES, SMOKE, SMOKE_SERIES, TREES } from './corpora/index.ts';
import type { Corpus } from './corpora/types.ts';
import { ownsFileSystems } from './fresh-disk.ts';
import { type Cost, canMeasure, firstLine, measure } from './measure.ts';
import { PEERS, SMALLEST_PEERS } from './peers/index.ts';
import type { Peer } from './peers/types.ts';
import { markdown, type Row, type Table } from './report.ts';
import { median } from './statistics.ts';
import { measureTree } from './trees.ts';
import { seriesTrial, type TreeTrial, treeTrial, WORKS } from './trial.ts';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    peers: { type: 'string' },
    runs: { type: 'string', default: '3' },
    json: { type: 'string' },
    cache: { type: 'string', default: join(homedir(), '.cache/varve/bench') },
    smoke: { type: 'boolean', default: false },
  },
});
const runs = options.smoke ? 1 : Number(options.runs);
const only = options.only?.split(',');
const cache = options.cache;
const tables: Table[] = [];
const measurements: unknown[] = [];
const failed = new Set<Peer>();

if (!canMeasure()) throw new Error('the benchmark measures with /usr/bin/time, of the Debian package `time`');
mkdirSync(cache, { recursive: true });
const peers = present(PEERS);
const smallestPeers = options.smoke ? [] : present(SMALLEST_PEERS);
printMachine();

for (const corpus of options.smoke ? SMOKE : [...TREES, ...(only?.includes('growth') ? GROWING : [])]) {
  if (wanted(corpus.name) || (GROWING.includes(corpus) && only?.includes('growth'))) await benchTree(corpus);
}
for (const corpus of options.smoke ? SMOKE_SERIES : SERIES) if (wanted(corpus.name)) await benchSeries(corpus);
if (wanted('start')) await benchStart();
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ tables, measurements }, null, 2)}\n`);

/** The tools that can be run here, with their versions; says which cannot, and where to get them. */
function present(all: readonly Peer[]): Peer[] {
  const chosen = options.peers?.split(',');
  return all.filter((peer) => {
    if (chosen && !chosen.includes(peer.name)) return false;
    const version = firstLine(peer.version);
    if (version === undefined)
      console.log(`- ${peer.name}: not here${peer.debianPackage ? `; Debian's package ${peer.debianPackage} brings it` : ''}`);
    else console.log(`- ${peer.name} (${version}): ${peer.settings}`);
    return version !== undefined;
  });
}

function printMachine(): void {
  const disk = ownsFileSystems()
    ? 'a fresh ext4 for each trial'
    : 'trials share a disk, so times of restoring depend on what was deleted before';
  const memoryGiB = (totalmem() / 2 ** 30).toFixed(0);
  console.log(
    `\n${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, ${memoryGiB} GiB, Linux ${release()}; medians of ${runs}; ${disk}\n`,
  );
}

/** What `trial` gives; undefined, and the peer takes part no more, when it fails. The others' results are worth having all the same. */
async function attempt<Result>(peer: Peer, trial: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await trial();
  } catch (error) {
    failed.add(peer);
    process.exitCode = 1;
    console.error(`${peer.name} failed: ${(error as Error).message}`);
    return undefined;
  }
}

function wanted(name: string): boolean {
  return only === undefined || only.includes(name);
}

async function benchTree(corpus: Corpus): Promise<void> {
  const source = await ready(corpus, cache);
  const size = measureTree(source, true);
  const trials = new Map<Peer, TreeTrial[]>();
  for (let run = 1; run <= runs; run++) {
    for (const peer of peers.filter((each) => !failed.has(each))) {
      console.error(`${corpus.name}, run ${run} of ${runs}: ${peer.name}`);
      const trial = await attempt(peer, () => treeTrial(peer, source, cache, run === 1));
      if (trial === undefined) continue;
      measurements.push({ corpus: corpus.name, peer: peer.name, run, ...trial });
      trials.set(peer, [...(trials.get(peer) ?? []), trial]);
    }
  }
  const title = `${corpus.name}: ${size.files} files, ${(size.bytes / 1e6).toFixed(0)} MB. ${corpus.about}`;
  const medians = (name: string, unit: Row['unit'], value: (trial: TreeTrial) => number | undefined): Row => {
    const values = [...trials].map(([peer, list]) => [peer.name, list.map(value).filter((v) => v !== undefined)] as const);
    return {
      name,
      unit,
      values: Object.fromEntries(values.filter(([, list]) => list.length > 0).map(([peer, list]) => [peer, median(list)])),
    };
  };
  const each = (what: string, unit: Row['unit'], value: (cost: Cost) => number): Row[] =>
    WORKS.map((work) => medians(`${work}${what}`, unit, ({ costs }) => (costs[work] ? value(costs[work]) : undefined)));
  print({
    title,
    rows: [
      ...each('', 'ms', (cost) => cost.wallMs),
      ...each(', CPU time', 'ms', (cost) => cost.cpuMs),
      ...each(', peak memory', 'bytes', (cost) => cost.peakBytes),
      medians('store', 'bytes', ({ store }) => store.bytes),
      medians('store, on disk', 'bytes', ({ store }) => store.diskBytes),
    ],
  });
}

async function benchSeries(corpus: Corpus): Promise<void> {
  const folder = await ready(corpus, cache);
  const series = readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
  const measured = [...peers, ...smallestPeers];
  const sizes = new Map<string, number[]>();
  for (const peer of measured.filter((each) => !failed.has(each))) {
    const stores = await attempt(peer, () => seriesTrial(peer, series, cache));
    if (stores === undefined) continue;
    sizes.set(
      peer.name,
      stores.map(({ bytes }) => bytes),
    );
  }
  measurements.push({ corpus: corpus.name, sizes: Object.fromEntries(sizes) });
  const rows = series.map((_, i): Row => {
    const values = [...sizes].map(([peer, list]) => [peer, list[i] as number] as const);
    return { name: `store after ${i + 1}`, unit: 'bytes', values: Object.fromEntries(values) };
  });
  print({ title: `${corpus.name}: ${corpus.about}`, rows }, measured);
}

/** What every command costs before it does anything. */
async function benchStart(): Promise<void> {
  const times = new Map<string, number[]>(peers.map((peer) => [peer.name, []]));
  for (let run = 0; run < runs * 5; run++) {
    for (const peer of peers) times.get(peer.name)?.push((await measure(peer.version)).wallMs);
  }
  const values = Object.fromEntries([...times].map(([peer, list]) => [peer, median(list)]));
  print({ title: 'start: printing the version', rows: [{ name: 'start', unit: 'ms', values }] });
}

function print(table: Table, columns: readonly Peer[] = peers): void {
  tables.push(table);
  console.log(
    markdown(
      table,
      columns.map((peer) => peer.name),
    ),
  );
}
