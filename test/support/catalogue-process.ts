import { createInterface } from 'node:readline';
import { nameFromText } from '../../src/base/names.ts';
import { CatalogueService } from '../../src/catalogue/service.ts';
import type { WatcherKind } from '../../src/sys/watch/types.ts';

/**
 * A program that keeps a catalogue of folders, until its input ends: `node catalogue-process.ts DATABASE WATCHER ROOT…`. To each line of its input it answers
 * with the same line: `start` as soon as it runs, `sync` when everything that happened before is in the catalogue, `compare` when what cannot be watched is
 * being compared. To `unwatched` it answers with what of its roots is not watched. `VARVE_OWN` is its own folder.
 */
const [database, watcher, ...roots] = process.argv.slice(2) as [string, WatcherKind, ...string[]];
const service = new CatalogueService({
  database,
  roots: roots.map(nameFromText),
  own: process.env.VARVE_OWN === undefined ? [] : [nameFromText(process.env.VARVE_OWN)],
  scanThreads: 1,
  watcher,
  onFailure: (error) => {
    console.error(error);
    process.exit(1);
  },
});
for await (const line of createInterface(process.stdin)) {
  if (line === 'sync') await service.sync();
  if (line === 'compare') service.engine.compareUnwatched();
  const answer =
    line === 'unwatched'
      ? JSON.stringify(service.engine.unwatchedParts().map(({ reason, directories }) => ({ reason, directories })))
      : line;
  process.stdout.write(`${answer}\n`);
}
await service.close();
