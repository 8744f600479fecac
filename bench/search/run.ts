/**
 * `varve search` beside plocate, on the names of one tree: twenty kinds of query, each with the same results, to the first result and to all of them. Both are run as commands;
 * varve is asked inside a process too, as its daemon is.
 *
 *   node bench/search/run.ts [--tree DIR] [--names N] [--runs N] [--cache DIR] [--smoke]
 *
 *   --tree DIR   whose names are searched (/usr)
 *   --names N    in place of it a tree of so many invented names, made in the cache
 *   --runs N     times each query is repeated (9); a value is the least, since whatever else the machine does only adds
 *   --cache DIR  where that tree is made (~/.cache/varve/bench)
 *   --smoke      a tiny tree, once: shows that the benchmark works, not how fast anything is
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { openForReading, openForWriting } from '../../src/catalogue/database.ts';
import { indexNames } from '../../src/catalogue/questions/name-index.ts';
import { CatalogueFill, DIRECTORY } from '../../test/support/catalogue/fill.ts';
import { fillFromDisk } from '../../test/support/catalogue/real-tree.ts';
import { ready } from '../corpora/index.ts';
import { firstLine, runToEnd } from '../measure.ts';
import type { Command } from '../peers/types.ts';
import { manyNames } from './names.ts';
import { queriesOf, type Words, wordsOf } from './queries.ts';
import type { Timing } from './time-command.ts';
import { leastOf, timeCommands, timeInside } from './timing.ts';

const { values: options } = parseArgs({
  options: {
    tree: { type: 'string', default: '/usr' },
    names: { type: 'string' },
    runs: { type: 'string', default: '9' },
    cache: { type: 'string', default: join(homedir(), '.cache/varve/bench') },
    smoke: { type: 'boolean', default: false },
  },
});
const ROOT = join(import.meta.dirname, '../..');
const runs = options.smoke ? 1 : Number(options.runs);
const home = mkdtempSync(join(tmpdir(), 'varve-bench-search-'));
try {
  await bench(await treeToSearch());
} finally {
  rmSync(home, { recursive: true });
}

async function treeToSearch(): Promise<string> {
  if (options.smoke) return ready(manyNames(300), home);
  if (options.names === undefined) return options.tree;
  mkdirSync(options.cache, { recursive: true });
  return ready(manyNames(Number(options.names)), options.cache);
}

async function bench(tree: string): Promise<void> {
  const version = firstLine({ argv: ['plocate', '--version'] });
  if (version === undefined) console.log("plocate is not here; Debian's package plocate brings it\n");
  const locations = join(home, 'plocate.db');
  if (version !== undefined) await makeLocations(tree, locations);
  makeCatalogue(tree);
  const database = openForReading(join(home, 'catalogue.db'));
  if (database === undefined) throw new Error('the catalogue was not made');
  const { words, count } = wordsIn(database);
  console.log(`\n### ${count} names of ${tree}; ${version ?? 'no plocate'}; the least of ${runs}\n`);
  const program = installed();
  const start = leastOf(timeCommands(Array.from({ length: 5 }, () => ({ argv: ['true'] as const }))));
  console.log(`Of each command ${start.allMs.toFixed(1)} ms are for starting a program at all.\n`);
  console.log(
    'first result / all results, ms\n\n| query | results | plocate | varve, command | varve, in a process |\n|---|--:|--:|--:|--:|',
  );
  for (const { kind, question, varve, plocate } of queriesOf(words)) {
    const inside = Array.from({ length: runs }, () => timeInside(database, question));
    const paths = inside[0]?.paths ?? [];
    const ours: Command = { argv: [program, 'search', ...varve], env: { VARVE_HOME: home } };
    const theirs: Command = { argv: ['plocate', '--database', locations, ...plocate] };
    // In turns, so that what disturbs the machine disturbs both.
    const commands = Array.from({ length: runs }, () => (version === undefined ? [ours] : [ours, theirs])).flat();
    const timings = timeCommands(commands);
    if (version !== undefined) compare(kind, paths, foundBy(locations, plocate), tree);
    const cells = [
      timings.filter((_, i) => commands[i] === theirs),
      timings.filter((_, i) => commands[i] === ours),
      inside.map(({ timing }) => timing),
    ].map((each) => (each.length === 0 ? '–' : shown(leastOf(each))));
    console.log(`| ${kind} | ${paths.length} | ${cells.join(' | ')} |`);
  }
  database.close();
}

/** In a function of its own, so that a million names do not stay in the memory of what is measured. */
function wordsIn(database: DatabaseSync): { words: Words; count: number } {
  const rows = database.prepare('SELECT CAST(name AS TEXT) AS name, kind FROM node WHERE parent > 0').all();
  const names = rows.map(({ name }) => name as string);
  const folders = rows.filter(({ kind }) => kind === DIRECTORY).map(({ name }) => name as string);
  return { words: wordsOf(names, folders), count: names.length };
}

/** The command as it is installed: without its sources, which the launcher would compare with the bundle first. */
function installed(): string {
  const folder = join(home, 'package');
  mkdirSync(join(folder, 'bin'), { recursive: true });
  for (const name of ['build', 'node_modules', 'package.json']) symlinkSync(join(ROOT, name), join(folder, name));
  copyFileSync(join(ROOT, 'bin/varve'), join(folder, 'bin/varve'));
  return join(folder, 'bin/varve');
}

/** All that plocate finds, as bytes. */
function foundBy(locations: string, query: readonly string[]): string[] {
  const { stdout } = spawnSync('plocate', ['--database', locations, '--null', ...query], { encoding: 'latin1', maxBuffer: 2 ** 30 });
  return stdout.split('\0').slice(0, -1);
}

/** Throws when both have not found the same; the top of the tree itself, which plocate leaves out, does not count. */
function compare(kind: string, ours: readonly string[], theirs: readonly string[], top: string): void {
  const mine = new Set(ours.filter((path) => path !== top));
  const others = new Set(theirs.filter((path) => path !== top));
  const odd = [...mine].find((path) => !others.has(path)) ?? [...others].find((path) => !mine.has(path));
  if (odd !== undefined) throw new Error(`${kind}: only one of both has found ${odd}`);
  if (mine.size !== ours.filter((path) => path !== top).length) throw new Error(`${kind}: something was found twice`);
}

async function makeLocations(tree: string, database: string): Promise<void> {
  const everything = ['--prunepaths', '', '--prunefs', '', '--prunenames', '', '--prune-bind-mounts', 'no', '--require-visibility', 'no'];
  await runToEnd({ argv: ['updatedb', '--database-root', tree, '--output', database, ...everything] });
  console.log(`- plocate's database: ${(statSync(database).size / 1e6).toFixed(1)} MB`);
}

function makeCatalogue(tree: string): void {
  const path = join(home, 'catalogue.db');
  const database = openForWriting(path);
  const fill = new CatalogueFill(database);
  fillFromDisk(fill, tree);
  fill.finish();
  const before = pagesOf(database);
  const started = performance.now();
  let longestMs = 0;
  let slices = 0;
  for (let isMore = true; isMore; slices++) {
    const begun = performance.now();
    isMore = indexNames(database, 4);
    longestMs = Math.max(longestMs, performance.now() - begun);
  }
  const ms = performance.now() - started;
  const megabytes = ((pagesOf(database) - before) / 1e6).toFixed(1);
  console.log(
    `- index of names: ${megabytes} MB, made in ${ms.toFixed(0)} ms, in ${slices} slices of which the longest took ${longestMs.toFixed(0)} ms`,
  );
  database.close();
}

function pagesOf(database: ReturnType<typeof openForWriting>): number {
  const { page_count: count } = database.prepare('PRAGMA page_count').get() as { page_count: number };
  const { page_size: size } = database.prepare('PRAGMA page_size').get() as { page_size: number };
  return count * size;
}

function shown({ firstMs, allMs }: Timing): string {
  return `${firstMs.toFixed(1)} / ${allMs.toFixed(1)}`;
}
