import assert from 'node:assert/strict';
import { mkdirSync, realpathSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { newCatalogue } from '../../../test/support/catalogue.ts';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { stateAt } from '../../../test/support/state-at.ts';
import { type ByteName, nameFromText } from '../../base/names.ts';
import { PackedEntries, PackedReader } from '../../sys/packed-entries.ts';
import { system } from '../../sys/system.ts';
import { LiveDirectories } from '../look/live-directories.ts';
import { Looker } from '../look/looker.ts';
import { Paths } from '../look/paths.ts';
import { type CatalogueNode, NO_DIRECTORY, type Place } from '../types.ts';
import { Writer } from '../write/writer.ts';
import { FreshLooks } from './fresh-looks.ts';
import { ListingWriter } from './listing-writer.ts';

const CAUSE = { origin: 'live', time: 1n } as const;
const IGNORED = { onNewDirectory() {}, onMovedDirectory() {}, onDirectory() {}, onContent() {}, onDoubt() {} };

test('that a directory was looked at itself does not make what a listing shows in its place out of date', (context) => {
  const root = realpathSync(scratchFolder(context));
  for (const path of ['above/child', 'other']) mkdirSync(join(root, path), { recursive: true });
  const database = newCatalogue(context);
  const writer = new Writer(database);
  writer.rows.indexInodes();
  const paths = new Paths(database);
  writer.onMoved(() => paths.forget());
  const add = (place: Place, path: string) => writer.transact(() => writer.create(place, stateAt(path), CAUSE));
  const top = add({ parent: NO_DIRECTORY, name: nameFromText(root) }, root);
  const above = add({ parent: top, name: 'above' as ByteName }, join(root, 'above'));
  const place = { parent: above, name: 'child' as ByteName };
  const child = add(place, join(root, 'above/child'));
  const other = add({ parent: top, name: 'other' as ByteName }, join(root, 'other'));

  renameSync(join(root, 'above/child'), join(root, 'away'));
  renameSync(join(root, 'other'), join(root, 'above/child'));
  const records = new PackedEntries(1024);
  using directory = system().openDirectory(nameFromText(join(root, 'above')));
  directory.statEntries(records, (_, error) => assert.fail(error));
  const bytes = records.finish();
  const looks = new FreshLooks();
  // Behind the listing. Its row still says that it is where the other one is by now.
  looks.noteItself(writer.rows.get(child) as CatalogueNode, 20);
  const looker = new Looker(writer, new LiveDirectories(writer.rows, paths), IGNORED);
  const listings = new ListingWriter(database, writer, looker, looks);
  const listed = {
    ...{ directory: 0, from: 0, to: bytes.length, firstChild: 1, entries: 1, children: 1 },
    listing: new Uint32Array(2),
    startedMs: 10,
  };
  writer.transact(() =>
    listings.write({ id: above, isFresh: false }, { listed, record: new PackedReader(bytes), unseen: undefined }, CAUSE, 2n),
  );
  assert.equal(writer.rows.at(place)?.id, other);
});
