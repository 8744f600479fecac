import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, realpathSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
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

/** A root with folders `above/child` and `other` in the catalogue; `list` takes in a listing of `above` that was begun at 10 ms: what is called shows the disk as it is now, what it returns takes that in. */
function folders(context: TestContext) {
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
  const looks = new FreshLooks();
  const looker = new Looker(writer, new LiveDirectories(writer.rows, paths), IGNORED);
  const listings = new ListingWriter(database, { writer, looker, looks, onPassedOver: () => {} });
  const list = (): (() => void) => {
    const records = new PackedEntries(1024);
    using directory = system().openDirectory(nameFromText(join(root, 'above')));
    directory.statEntries(records, (_, error) => assert.fail(error));
    const bytes = records.finish();
    const listed = {
      ...{ directory: 0, from: 0, to: bytes.length, firstChild: 1, entries: 1, children: 1 },
      listing: new Uint32Array(2),
      startedMs: 10,
    };
    const found = { listed, record: new PackedReader(bytes), unseen: undefined };
    return () => writer.transact(() => listings.write({ id: above }, found, CAUSE, 2n));
  };
  return { root, writer, looker, looks, place, child, other, list };
}

test('that a directory was looked at itself does not make what a listing shows in its place out of date', (context) => {
  const { root, writer, looks, place, child, other, list } = folders(context);
  renameSync(join(root, 'above/child'), join(root, 'away'));
  renameSync(join(root, 'other'), join(root, 'above/child'));
  const takeIn = list();
  // Behind the listing. Its row still says that it is where the other one is by now.
  looks.noteItself(writer.rows.get(child) as CatalogueNode, 20);
  takeIn();
  assert.equal(writer.rows.at(place)?.id, other);
});

test('a directory that a listing has met in a new place stays what a later look at itself has shown', (context) => {
  const { root, writer, looker, looks, place, other, list } = folders(context);
  rmdirSync(join(root, 'above/child'));
  renameSync(join(root, 'other'), join(root, 'above/child'));
  const takeIn = list();
  chmodSync(join(root, 'above/child'), 0o711);
  const node = writer.rows.get(other) as CatalogueNode;
  looks.noteItself(node, 20);
  writer.transact(() => looker.itself(other, stateAt(join(root, 'above/child')), CAUSE));
  writer.transact(() => looker.absent(node, CAUSE));
  takeIn();
  assert.equal(writer.rows.at(place)?.id, other);
  assert.equal(writer.rows.at(place)?.mode, 0o711);
});
