/**
 * A catalogue of one folder in a process of its own, as a daemon keeps it: scans the folder, says so, and watches it while its standard input is open. A line there asks for a line back
 * as soon as everything that happened before is in the catalogue.
 *
 *   node service-process.ts DATABASE FOLDER WATCHER
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { nameFromText } from '../../src/base/names.ts';
import { CatalogueService } from '../../src/catalogue/service.ts';
import type { WatcherKind } from '../../src/sys/watch/types.ts';

/** What a line says. */
export interface ServiceFigures {
  /** Entries that scans have compared so far. */
  readonly scanned: number;
  /** Since the process was started. */
  readonly atMs: number;
  /** Of the process, all its threads, since it was started. */
  readonly cpuMs: number;
  /** Resident memory now, and the most there was. */
  readonly memoryBytes: number;
  readonly peakBytes: number;
}

const [database, folder, watcher] = process.argv.slice(2) as [string, string, WatcherKind | 'none'];
const service = new CatalogueService({
  database,
  roots: [nameFromText(folder)],
  own: [nameFromText(dirname(database))],
  scanThreads: 2,
  watcher,
  onFailure: (error) => {
    throw error;
  },
});
await tell();
for await (const _ of createInterface({ input: process.stdin })) await tell();
await service.close();

async function tell(): Promise<void> {
  await service.sync();
  console.log(JSON.stringify(figures()));
}

function figures(): ServiceFigures {
  const { user, system } = process.cpuUsage();
  const status = readFileSync('/proc/self/status', 'utf8');
  const bytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
  return {
    scanned: service.engine.scanned,
    atMs: performance.now(),
    cpuMs: (user + system) / 1000,
    memoryBytes: bytes('VmRSS'),
    peakBytes: bytes('VmHWM'),
  };
}
