import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { DiskCatalogue } from '../../../test/support/catalogue/disk-catalogue.ts';
import { NaiveWriter, placeIn } from '../../../test/support/catalogue/naive-writer.ts';
import { newCatalogue } from '../../../test/support/catalogue/open-catalogue.ts';
import { scratchFolder, skipUnless } from '../../../test/support/scratch.ts';
import { type ByteName, nameFromText } from '../../base/names.ts';
import { MemoryStore } from '../../store/memory.ts';
import { folderIdentity } from '../../sys/folder-identity.ts';
import { system } from '../../sys/system.ts';
import { diffTrees } from '../../tree/diff/diff.ts';
import { LiveTree } from '../../tree/live-tree.ts';
import { restore } from '../../tree/restore/restore.ts';
import { History } from './history.ts';
import { KeptContents } from './kept-contents.ts';
import { momentOf } from './moments.ts';
import { PastTree } from './past-tree.ts';
import { nodeAt } from './paths.ts';

const ATTRIBUTE = 'user.comment' as ByteName;

describe('a past tree', () => {
  it('restored over what is there takes no attributes away that it knows nothing of', async (context) => {
    if (skipUnless(context, system().capabilities.xattrs, 'no extended attributes here')) return;
    const { folder, past } = await changedFolder(context);
    using directory = system().openDirectory(nameFromText(folder));
    for (const name of ['changed', 'same', '.']) directory.setXattr(name as ByteName, ATTRIBUTE, Buffer.from(name));
    await restore({ store: new MemoryStore(), root: past.root, view: past, target: nameFromText(folder), options: { threads: 0 } });
    assert.equal(readFileSync(join(folder, 'changed'), 'utf8'), 'first');
    for (const name of ['changed', 'same', '.']) assert.equal(String(directory.getXattr(name as ByteName, ATTRIBUTE)), name);
  });

  it('does not differ from the disk by attributes that it knows nothing of', async (context) => {
    if (skipUnless(context, system().capabilities.xattrs, 'no extended attributes here')) return;
    const { folder, past } = await changedFolder(context);
    using directory = system().openDirectory(nameFromText(folder));
    directory.setXattr('same' as ByteName, ATTRIBUTE, Buffer.from('x'));
    using live = new LiveTree(nameFromText(folder));
    const changes = await diffTrees(past, live);
    assert.deepEqual(
      changes.map(({ kind, path }) => `${kind} ${path}`),
      ['modified changed'],
    );
  });

  it('tells folders that could not be listed from those that are passed over', async (context) => {
    const database = newCatalogue(context);
    const writer = new NaiveWriter(database, '/root');
    const make = (name: string, device: number) => writer.create(placeIn(writer.root, name), 'directory', '', { device });
    make('failed', 1);
    const failedMount = make('failed-mount', 2);
    make('mount', 2);
    const { inode, device } = writer.nodes.get(make('own', 1))?.state ?? assert.fail();
    writer.writeSums();
    database.exec(`UPDATE directory SET listed = NULL WHERE node <> ${writer.root}`);
    database.prepare("INSERT INTO failure VALUES (1, ?, CAST('.' AS BLOB), 'EACCES', 'open', 1, 2, 3)").run(failedMount);
    const history = new History(database);
    const path = nameFromText('/root');
    const top = nodeAt(history, path, writer.time) ?? assert.fail();
    const contents = new KeptContents(history, async () => new MemoryStore());
    const own = new Set([folderIdentity({ dev: device, ino: inode })]);
    const past = await PastTree.open({ history, contents, top, path, moment: 0, own });
    const found: unknown[] = [];
    for await (const entries of past.entries(past.root, '' as ByteName))
      for (const { name, isUnlisted, isPassedOver } of entries) found.push([name, isUnlisted, isPassedOver]);
    assert.deepEqual(found, [
      ['failed', true, false],
      ['failed-mount', true, false],
      ['mount', true, true],
      ['own', true, true],
    ]);
  });
});

/** A folder, and what it was before one of its files was changed. */
async function changedFolder(context: TestContext): Promise<{ folder: string; past: PastTree }> {
  const database = newCatalogue(context);
  const folder = scratchFolder(context);
  for (const name of ['changed', 'same']) writeFileSync(join(folder, name), 'first');
  const catalogue = new DiskCatalogue(database, folder);
  const { time } = catalogue.writer;
  writeFileSync(join(folder, 'changed'), 'second');
  catalogue.scan();
  const history = new History(database);
  const path = nameFromText(folder);
  const top = nodeAt(history, path, time);
  assert.ok(top);
  const contents = new KeptContents(history, async () => new MemoryStore());
  return { folder, past: await PastTree.open({ history, contents, top, path, moment: momentOf(database, time) }) };
}
