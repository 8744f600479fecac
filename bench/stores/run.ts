/**
 * How fast each type of store does what the store interface promises, one after another in one run (docs/benchmarks.md).
 *
 *   node bench/stores/run.ts [--smoke]
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DEFAULT_BOUNDS } from '../../src/chunk/default-bounds.ts';
import { blake3 } from '../../src/hash/blake3.ts';
import { Datadir } from '../../src/store/datadir/datadir.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import { type Load, measureStore, type Rate } from './measure.ts';

const isSmoke = process.argv.includes('--smoke');
const loads: readonly Load[] = isSmoke
  ? [{ blocks: 300, blockBytes: 4096 }]
  : [
      { blocks: 100_000, blockBytes: 1024 },
      { blocks: 20_000, blockBytes: 16_384 },
    ];
const create = { hash: blake3, chunking: DEFAULT_BOUNDS };
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'varve-bench-stores-'));
try {
  for (const load of loads) {
    const results = new Map<string, Rate[]>();
    results.set('memory', await measureStore(new MemoryStore(create), load));
    const place = path.join(folder, `datadir-${load.blockBytes}`);
    results.set('datadir', await measureStore(new Datadir(place, { create }), load, () => new Datadir(place)));
    print(load, results);
  }
} finally {
  fs.rmSync(folder, { recursive: true });
}

function print({ blocks, blockBytes }: Load, results: ReadonlyMap<string, readonly Rate[]>): void {
  const names = [...results.keys()];
  const lines = [
    `${blocks} blocks of ${blockBytes} bytes`,
    '',
    `| thousand blocks/s (MB/s) | ${names.join(' | ')} |`,
    `|---|${'---:|'.repeat(names.length)}`,
  ];
  for (const [i, { operation }] of (results.get('datadir') ?? []).entries()) {
    const cells = names.map((name) => {
      const rate = results.get(name)?.[i] as Rate;
      return `${(rate.blocksPerSecond / 1000).toFixed(0)} (${(rate.bytesPerSecond / 1e6).toFixed(0)})`;
    });
    lines.push(`| ${operation} | ${cells.join(' | ')} |`);
  }
  console.log(`${lines.join('\n')}\n`);
}
