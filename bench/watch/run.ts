/**
 * How fast each kind of watcher reads what the kernel has queued, and how soon it tells of a change (docs/benchmarks.md).
 *
 *   node bench/watch/run.ts [--smoke] [FOLDER]
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { WatcherKind } from '../../src/sys/watch/types.ts';
import { measureWatcher, type WatchFigures, type WatchLoad } from './measure.ts';

const KINDS: readonly WatcherKind[] = ['fanotify', 'fanotify-marks', 'inotify'];
const args = process.argv.slice(2);
const load: WatchLoad = args.includes('--smoke') ? { files: 200, changes: 20 } : { files: 50_000, changes: 2000 };
const parent = args.find((arg) => !arg.startsWith('--')) ?? os.tmpdir();

const ROWS: readonly [string, (figures: WatchFigures) => string][] = [
  ['reading, of all', ({ readMs }) => `${readMs.toFixed(0)} ms`],
  ['reading, thousand files a second', ({ readMs }) => (load.files / readMs).toFixed(0)],
  ['a change is told after, median', ({ medianMicroseconds }) => `${medianMicroseconds.toFixed(0)} µs`],
  ['99 of 100 within', ({ p99Microseconds }) => `${p99Microseconds.toFixed(0)} µs`],
  ['marking, or asking for the key of, a directory', ({ keyMicroseconds }) => `${keyMicroseconds.toFixed(1)} µs`],
];

const figures: [WatcherKind, WatchFigures | string][] = [];
for (const kind of KINDS) {
  const folder = fs.mkdtempSync(path.join(parent, 'varve-bench-watch-'));
  try {
    figures.push([kind, await measureWatcher(kind, folder, load)]);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}
print();

function print(): void {
  const lines = [
    `${load.files} files made, written and closed`,
    '',
    `| | ${figures.map(([kind]) => kind).join(' | ')} |`,
    `|---|${'---:|'.repeat(figures.length)}`,
  ];
  for (const [row, show] of ROWS) {
    const cells = figures.map(([, each]) => (typeof each === 'string' ? '–' : show(each)));
    lines.push(`| ${row} | ${cells.join(' | ')} |`);
  }
  console.log(lines.join('\n'));
  for (const [kind, reason] of figures) if (typeof reason === 'string') console.log(`${kind}: ${reason}`);
}
