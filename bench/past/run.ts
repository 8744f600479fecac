/**
 * What questions about the past cost: `du --at`, `du --since`, `sizes` and `blame` as commands, beside a catalogue of about 200 000 files with 10 000, 100 000 and 1 000 000 events since the
 * time asked for. `node bench/past/run.ts [--smoke] [--json FILE]`. Processor time and peak memory, the least of three.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openForWriting } from '../../src/catalogue/database.ts';
import { canMeasure, measure } from '../measure.ts';
import { fillWithChanges } from './changed-catalogue.ts';

const { values } = parseArgs({ options: { smoke: { type: 'boolean', default: false }, json: { type: 'string' } } });
if (!canMeasure()) throw new Error('this needs /usr/bin/time (Debian: apt-get install time)');

const VARVE = join(import.meta.dirname, '../../bin/varve');
const results: object[] = [];
console.log('| events | question | CPU, s | peak, MB |\n|--:|---|--:|--:|');
for (const events of values.smoke ? [1000] : [10_000, 100_000, 1_000_000]) {
  const home = mkdtempSync(join(tmpdir(), 'varve-bench-past-'));
  try {
    const database = openForWriting(join(home, 'catalogue.db'));
    const start = fillWithChanges(database, events, values.smoke ? 0.05 : 1);
    database.close();
    const time = Temporal.Instant.fromEpochNanoseconds(start).toString();
    const questions = {
      'du --at': ['du', '/r', '--at', time],
      'du --since': ['du', '/r', '--since', time],
      sizes: ['sizes', '/r', '--since', time, '--points', '2'],
      blame: ['blame', '/r', '--since', time],
    };
    for (const [name, args] of Object.entries(questions)) {
      const costs = [];
      for (let run = 0; run < (values.smoke ? 1 : 3); run++)
        costs.push(await measure({ argv: [VARVE, ...args], env: { VARVE_HOME: home } }));
      const cpuMs = Math.min(...costs.map((cost) => cost.cpuMs));
      const peakBytes = Math.min(...costs.map((cost) => cost.peakBytes));
      results.push({ events, question: name, cpuMs, peakBytes, answer: costs[0]?.stdout });
      console.log(`| ${events} | ${name} | ${(cpuMs / 1000).toFixed(2)} | ${(peakBytes / 1e6).toFixed(0)} |`);
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(results));
