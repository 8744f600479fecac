import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { newCatalogue } from '../../../test/support/catalogue.ts';
import type { ByteName } from '../../base/names.ts';
import { type CatalogueNode, NO_DIRECTORY, type NodeId, type NodeState, type Place } from '../types.ts';
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

/** A root of three folders, one in the other; with `doubted`, the folders whose content was taken for granted. */
function nested(context: TestContext) {
  const database = newCatalogue(context);
  const writer = new Writer(database);
  const doubted: number[] = [];
  const nothing = () => {};
  const disk: { -readonly [Method in keyof Disk]: Disk[Method] } = { holds: () => undefined, stateAt: () => 'unreached' };
  const looker = new Looker(writer, disk, {
    ...{ onNewDirectory: nothing, onMovedDirectory: nothing, onDirectory: nothing, onContent: nothing },
    onDoubt: (id) => doubted.push(id),
  });
  const states = [0n, 1n, 2n, 3n].map((inode) => stateOf('directory', inode));
  let parent: NodeId = NO_DIRECTORY;
  const ids = writer.transact(() =>
    states.map((state, level) => {
      parent = writer.create({ parent, name: nameOf(level) }, state, undefined);
      return parent;
    }),
  );
  writer.rows.indexInodes();
  const meet = (what: number | NodeState, place: Place) =>
    writer.transact(() => {
      const id = looker.present(place, typeof what === 'number' ? (states[what] as NodeState) : what, CAUSE);
      looker.settleLinks(CAUSE);
      return id;
    });
  const places = () => ids.slice(1).map((id) => writer.rows.get(id)?.parent);
  const events = () => database.prepare('SELECT node, kind FROM event').all().length;
  return { writer, disk, ids: ids as [number, number, number, number], doubted, meet, places, events };
}

const nameOf = (level: number) => `folder ${level}` as ByteName;

test('of folders one in the other, of which the outer is met in the inner, the one that left is found by listing those that are doubted', (context) => {
  const { writer, ids, doubted, meet, places, events } = nested(context);
  const [top, outer, middle, inner] = ids;
  // On disk the inner one has come to the top, and then the outer one into it.
  meet(1, { parent: inner, name: nameOf(1) });
  assert.ok(doubted.includes(outer));
  meet(3, { parent: top, name: nameOf(3) });
  // The listing of the outer one.
  meet(2, { parent: outer, name: nameOf(2) });
  assert.deepEqual(places(), [inner, outer, top]);
  assert.equal(writer.hasLimbo, false);
  assert.equal(events(), 2, `nothing has happened to node ${middle}`);
});

test('the same when the listing comes first', (context) => {
  const { writer, ids, doubted, meet, places, events } = nested(context);
  const [top, outer, middle, inner] = ids;
  meet(1, { parent: inner, name: nameOf(1) });
  meet(2, { parent: outer, name: nameOf(2) });
  assert.ok(doubted.includes(middle), 'now another one is out of its place');
  meet(3, { parent: top, name: nameOf(3) });
  assert.deepEqual(places(), [inner, outer, top]);
  assert.equal(writer.hasLimbo, false);
  assert.equal(events(), 2);
});

test('a folder that is where it is known to be is not made once more where it was when somebody looked', (context) => {
  const { writer, disk, ids, doubted, meet, places, events } = nested(context);
  const [top, outer, middle, inner] = ids;
  const place = { parent: outer, name: 'earlier' as ByteName };
  disk.holds = () => true;
  // Nothing is there by now; another folder is; nobody can say.
  disk.stateAt = () => undefined;
  assert.equal(meet(3, place), undefined);
  disk.stateAt = () => stateOf('file', 9n);
  assert.equal(meet(3, place), undefined);
  assert.equal(writer.rows.at(place)?.inode, 9n);
  disk.stateAt = () => 'unreached';
  assert.equal(meet(3, { parent: outer, name: 'elsewhere' as ByteName }), undefined);
  assert.deepEqual(doubted, [outer]);
  assert.deepEqual(places(), [top, outer, middle]);
  assert.equal(events(), 1);
  // What is mounted is in both places.
  disk.stateAt = () => stateOf('directory', 3n);
  const mounted = meet(3, { parent: outer, name: 'mounted' as ByteName });
  assert.notEqual(mounted, undefined);
  assert.notEqual(mounted, inner);
});

test('a folder that goes to and fro between the looks at its two places has moved', (context) => {
  const { disk, ids, meet, places, events } = nested(context);
  const [top, outer, , inner] = ids;
  const looks = [true, false];
  disk.holds = () => looks.shift();
  disk.stateAt = () => stateOf('directory', 3n);
  assert.equal(meet(3, { parent: top, name: 'moved' as ByteName }), inner);
  assert.deepEqual(places(), [top, outer, top]);
  assert.equal(events(), 1);
});

test('a file that a listing shows alone, and that has another link by now, is both of them with as many', (context) => {
  const { writer, disk, ids, meet } = nested(context);
  const [top, outer] = ids;
  const listed = { ...stateOf('file', 9n), links: 1 };
  const first = { parent: top, name: 'first' as ByteName };
  const alone = writer.transact(() => writer.create(first, listed, CAUSE));
  disk.holds = () => true;
  disk.stateAt = () => ({ ...listed, links: 2 });
  const second = meet(listed, { parent: outer, name: 'second' as ByteName });
  assert.notEqual(second, alone);
  assert.deepEqual(
    [alone, second].map((id) => writer.rows.get(id as NodeId)?.links),
    [2, 2],
  );
});

test('a file that is met where it was before it left has not moved', (context) => {
  const { writer, ids, meet, events } = nested(context);
  const [, , middle, inner] = ids;
  writer.transact(() => writer.detach(writer.rows.get(inner) as CatalogueNode, CAUSE));
  meet(3, { parent: middle, name: nameOf(3) });
  assert.equal(writer.rows.get(inner)?.parent, middle);
  assert.equal(writer.hasLimbo, false);
  assert.equal(events(), 0);
});

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
