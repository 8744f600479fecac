import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { newCatalogue } from '../../../test/support/catalogue.ts';
import type { ByteName } from '../../base/names.ts';
import { type CatalogueNode, NO_DIRECTORY, type NodeState } from '../types.ts';
import { Writer } from '../write/writer.ts';
import { type Disk, Looker } from './looker.ts';

const FILE = 'file' as ByteName;
const CAUSE = { origin: 'live', time: 1n } as const;

function stateOf(kind: NodeState['kind'], inode: bigint): NodeState {
  const times = { mtime: 1n, ctime: 1n, born: 1n };
  return { kind, size: 10, disk: 8, ...times, mode: 0o755, uid: 0, gid: 0, device: 1, inode, links: 2, digest: undefined };
}

/** Two folders with a link of one file each, and a look at the first link behind a change of the file. */
function linked(context: TestContext) {
  const writer = new Writer(newCatalogue(context));
  const written = { ...stateOf('file', 3n), size: 20, mtime: 2n, ctime: 2n };
  const away = new Set<number>();
  const disk: Disk = { holds: () => true, stateAt: ({ parent }) => (away.has(parent) ? 'unreached' : written) };
  const changed: number[] = [];
  const nothing = () => {};
  const looker = new Looker(writer, disk, {
    ...{ onNewDirectory: nothing, onMovedDirectory: nothing, onDirectory: nothing, onDoubt: nothing },
    onContent: (id) => changed.push(id),
  });
  const [folder, other, one, two] = writer.transact(() => {
    const top = writer.create({ parent: NO_DIRECTORY, name: '/root' as ByteName }, stateOf('directory', 0n), undefined);
    const folders = [1n, 2n].map((inode) =>
      writer.create({ parent: top, name: `${inode}` as ByteName }, stateOf('directory', inode), undefined),
    );
    const links = folders.map((parent) => writer.create({ parent, name: FILE }, stateOf('file', 3n), undefined));
    return [...folders, ...links] as [number, number, number, number];
  });
  const look = () => writer.transact(() => looker.present({ parent: folder, name: FILE }, written, CAUSE));
  const settle = () => writer.transact(() => looker.settleLinks(CAUSE));
  return { writer, away, other, one, two, changed, look, settle };
}

test('a file that was written through one link has changed under another one when the folder of that is found', (context) => {
  const { writer, away, other, one, two, changed, look, settle } = linked(context);
  writer.rows.indexInodes();
  away.add(other);
  look();
  settle();
  assert.deepEqual(changed, [one]);
  away.clear();
  settle();
  assert.deepEqual(changed, [one, two]);
  assert.equal((writer.rows.get(two) as CatalogueNode).size, 20);
  settle();
  assert.equal(changed.length, 2);
});

test('a file that was written through one link during the first scan has changed under another one behind it', (context) => {
  const { writer, one, two, changed, look, settle } = linked(context);
  look();
  settle();
  assert.deepEqual(changed, [one]);
  writer.rows.indexInodes();
  settle();
  assert.deepEqual(changed, [one, two]);
});
