/**
 * How long the catalogue takes to learn of a tree, and of what happens in it, beside programs that do the one or the other (docs/benchmarks.md).
 *
 *   node bench/catalogue/run.ts [--only NAME,…] [--tree DIR] [--runs N] [--json FILE] [--cache DIR] [--smoke]
 *
 *   --only NAME,…  only these of `scan`, `idle`, `latency`, `changes`
 *   --tree DIR     what is scanned (a million empty files, made in the cache)
 *   --runs N       times each scan is repeated (3); a value is the median
 *   --json FILE    also write every single measurement there
 *   --cache DIR    where trees are made and catalogues kept (~/.cache/varve/bench)
 *   --smoke        tiny, once: shows that the benchmark works, not how fast anything is
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { WatcherKind } from '../../src/sys/watch/types.ts';
import { assertEqualsDisk } from '../../test/support/live-catalogue.ts';
import { ready } from '../corpora/index.ts';
import { onFreshDisk } from '../fresh-disk.ts';
import { type Cost, firstLine, measure, runToEnd } from '../measure.ts';
import { markdown, type Row, type Table } from '../report.ts';
import { median } from '../statistics.ts';
import { type ChangesSize, changes, measureChange, prepare } from './changes.ts';
import { inotifywait } from './followers/inotifywait.ts';
import type { Follower, FollowerKind } from './followers/types.ts';
import { bundleService, VarveFollower, varveFollower } from './followers/varve.ts';
import { watchman } from './followers/watchman.ts';
import { measureLatency, whileChanging } from './latency.ts';
import { emptyFiles } from './names.ts';
import { homeOf, keptBytes, SCANNERS, type Scanner } from './scanners.ts';
import type { ServiceFigures } from './service-process.ts';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    tree: { type: 'string' },
    runs: { type: 'string', default: '3' },
    json: { type: 'string' },
    cache: { type: 'string', default: join(homedir(), '.cache/varve/bench') },
    smoke: { type: 'boolean', default: false },
  },
});
const smoke = options.smoke;
const runs = smoke ? 1 : Number(options.runs);
const only = options.only?.split(',');
const size: ChangesSize = smoke ? { burst: 200, repository: 60, archive: 80 } : { burst: 50_000, repository: 20_000, archive: 60_000 };
const latencyChanges = smoke ? 5 : 500;
const idleMs = smoke ? 100 : 30_000;
/** Of the time that a process takes of a processor while it is at work. */
const BUSY_SHARE = 0.1;
/** What goes on meanwhile, in changes a second. */
const BUSY = 1000;

const WATCHERS: readonly WatcherKind[] = ['fanotify', 'fanotify-marks', 'inotify'];
const measurements: unknown[] = [];
const tables: Table[] = [];

await bundleService();
mkdirSync(options.cache, { recursive: true });
const cache = realpathSync(options.cache);
const scratch = mkdtempSync(join(cache, 'catalogue-'));
try {
  if (wanted('scan') || wanted('idle')) {
    const tree = realpathSync(options.tree ?? (await ready(emptyFiles(smoke ? 300 : 1_000_000), cache)));
    if (wanted('scan')) await benchScan(tree);
    if (wanted('idle')) await benchIdle(tree);
  }
  const followers = present([...WATCHERS.map(varveFollower), watchman, inotifywait]);
  if (wanted('latency')) await benchLatency(followers);
  if (wanted('changes')) await benchChanges(followers);
} finally {
  rmSync(scratch, { recursive: true });
}
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ tables, measurements }, null, 2)}\n`);

function wanted(name: string): boolean {
  return only === undefined || only.includes(name);
}

/** Those that can be run here; says of the others where to get them. */
function present<Kind extends Scanner | FollowerKind>(kinds: readonly Kind[]): Kind[] {
  return kinds.filter(({ name, debianPackage, version }) => {
    const line = firstLine('argv' in version ? version : { argv: version });
    if (line === undefined) console.log(`- ${name}: not here${debianPackage ? `; Debian's package ${debianPackage} brings it` : ''}`);
    else console.log(`- ${name} (${line})`);
    return line !== undefined;
  });
}

/** Each scanner learns of the tree, and then again, with nothing changed. They take turns. */
async function benchScan(tree: string): Promise<void> {
  const scanners = present(SCANNERS);
  const works = ['first scan', 'scan with nothing changed'] as const;
  const costs = new Map<string, Map<string, Cost[]>>(works.map((work) => [work, new Map()]));
  const kept = new Map<string, number>();
  const told = new Map<string, number[]>();
  const { stdout } = await measure({ argv: ['sh', '-c', 'find "$0" -printf . | wc -c', tree] });
  const entries = Number(stdout);
  for (let run = 0; run < runs; run++) {
    for (const scanner of scanners) {
      const home = homeOf(scanner, scratch);
      for (const work of works) {
        console.error(`${work}, run ${run + 1} of ${runs}: ${scanner.name}`);
        await runToEnd({ argv: ['sync'] });
        const cost = await measure(scanner.scan(tree, home));
        if (scanner.name === 'varve') told.set(work, [...(told.get(work) ?? []), toldAfterMs(cost, entries)]);
        measurements.push({ bench: 'scan', work, scanner: scanner.name, run, entries, ...cost });
        const each = costs.get(work) as Map<string, Cost[]>;
        each.set(scanner.name, [...(each.get(scanner.name) ?? []), cost]);
      }
      const bytes = keptBytes(scanner, home);
      if (bytes !== undefined) kept.set(scanner.name, bytes);
      rmSync(home, { recursive: true });
    }
  }
  const row = (work: string, what: string, unit: Row['unit'], value: (cost: Cost) => number): Row => ({
    name: `${work}${what}`,
    unit,
    values: Object.fromEntries([...(costs.get(work) ?? [])].map(([name, list]) => [name, median(list.map(value))])),
  });
  const rows = works.flatMap((work) => [
    row(work, '', 'ms', ({ wallMs }) => wallMs),
    { name: `${work}, until all of it can be asked for`, unit: 'ms', values: { varve: median(told.get(work) ?? []) } } satisfies Row,
    row(work, ', CPU time', 'ms', ({ cpuMs }) => cpuMs),
    row(work, ', peak memory', 'bytes', ({ peakBytes }) => peakBytes),
  ]);
  print(
    { title: `${entries} files and directories`, rows: [...rows, { name: 'kept', unit: 'bytes', values: Object.fromEntries(kept) }] },
    scanners,
  );
  for (const [name, bytes] of kept) console.log(`- ${name} keeps ${(bytes / entries).toFixed(0)} bytes a file`);
}

/** When everything was in the catalogue; what follows until the process has ended is that its log is brought into the database, and synced. */
function toldAfterMs({ stdout }: Cost, entries: number): number {
  const { scanned, atMs } = JSON.parse(stdout) as ServiceFigures;
  // The top is no entry of anything.
  if (scanned !== entries - 1) throw new Error(`varve has scanned ${scanned} of ${entries - 1} entries`);
  return atMs;
}

/** What it costs to have a tree watched in which nothing happens. */
async function benchIdle(tree: string): Promise<void> {
  const follower = await VarveFollower.start('fanotify', tree, join(scratch, 'idle'));
  // Behind the scan names are put into their index.
  let before = await follower.figures();
  for (let isBusy = true; isBusy; ) {
    await sleep(smoke ? 10 : 1000);
    const now = await follower.figures();
    isBusy = now.cpuMs - before.cpuMs > BUSY_SHARE * (now.atMs - before.atMs);
    before = now;
  }
  await sleep(idleMs);
  const after = await follower.figures();
  await follower.close();
  measurements.push({ bench: 'idle', idleMs, before, after });
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  console.log(
    `- with ${after.scanned} files: ${mebibytes(after.peakBytes)} of memory at the most, ${mebibytes(after.memoryBytes)} after ${idleMs / 1000} s at rest, ` +
      `in which it took ${(after.cpuMs - before.cpuMs).toFixed(0)} ms of processor time\n`,
  );
}

async function benchLatency(kinds: readonly FollowerKind[]): Promise<void> {
  const quiet = `a change comes alone`;
  const busy = `among ${BUSY} changes a second`;
  const values = new Map<string, Record<string, number>>();
  const note = (row: string, name: string, value: number) => values.set(row, { ...values.get(row), [name]: value });
  for (const kind of kinds) {
    await following(
      kind,
      () => undefined,
      async (follower, folder) => {
        const measures = [
          [quiet, await measureLatency(follower, folder, 'quiet', latencyChanges)],
          [busy, await whileChanging(join(folder, 'busy'), BUSY, () => measureLatency(follower, folder, 'busy', latencyChanges))],
        ] as const;
        for (const [row, latency] of measures) {
          measurements.push({ bench: 'latency', follower: kind.name, row, ...latency });
          note(`${row}: median`, kind.name, latency.medianMs);
          note(`${row}: 99 of 100 within`, kind.name, latency.p99Ms);
          note(`${row}: longest`, kind.name, latency.longestMs);
        }
      },
    );
  }
  print({ title: `from a change to when another program sees it, ${latencyChanges} each`, rows: rowsOf(values) }, kinds);
}

async function benchChanges(kinds: readonly FollowerKind[]): Promise<void> {
  const values = new Map<string, Record<string, number>>();
  for (const kind of kinds) {
    await following(
      kind,
      (folder, outside) => prepare(folder, outside, size),
      async (follower, folder, outside) => {
        for (const change of changes(size)) {
          const ms = await measureChange(follower, change, folder, outside);
          measurements.push({ bench: 'changes', follower: kind.name, change: change.name, ms });
          values.set(change.name, { ...values.get(change.name), [kind.name]: ms });
          if (follower instanceof VarveFollower) assertEqualsDisk({ root: folder, reader: follower.database });
        }
      },
    );
  }
  print({ title: 'from the end of a program to when all that it did is known', rows: rowsOf(values) }, kinds);
}

/** Has a folder on a fresh disk followed. */
async function following(
  kind: FollowerKind,
  prepare: (folder: string, outside: string) => void,
  use: (follower: Follower, folder: string, outside: string) => Promise<void>,
): Promise<void> {
  await onFreshDisk(scratch, async (top) => {
    const [folder, outside] = ['followed', 'outside'].map((name) => join(top, name)) as [string, string];
    for (const made of [folder, outside]) mkdirSync(made);
    prepare(folder, outside);
    console.error(`${kind.name} follows ${folder}`);
    const home = mkdtempSync(join(scratch, 'home-'));
    const follower = await kind.start(folder, home);
    try {
      await use(follower, folder, outside);
    } finally {
      await follower.close();
    }
  });
}

function rowsOf(values: ReadonlyMap<string, Record<string, number>>): Row[] {
  return [...values].map(([name, each]) => ({ name, unit: 'ms', values: each }));
}

function print(table: Table, columns: readonly { readonly name: string }[]): void {
  tables.push(table);
  console.log(
    `\n${markdown(
      table,
      columns.map(({ name }) => name),
    )}`,
  );
}
