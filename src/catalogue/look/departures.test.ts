import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { newCatalogue } from '../../../test/support/catalogue.ts';
import type { ByteName } from '../../base/names.ts';
import { type CatalogueNode, NO_DIRECTORY, type NodeId, type NodeState } from '../types.ts';
import { Writer } from '../write/writer.ts';
import { Departures } from './departures.ts';

const CAUSE = { origin: 'live', time: 1n } as const;
/** As often as anything is waited for. */
const LONG = 100;

function stateOf(kind: NodeState['kind'], inode: bigint): NodeState {
  const times = { mtime: 1n, ctime: 1n, born: 1n };
  return { kind, size: 10, disk: 8, ...times, mode: 0o755, uid: 0, gid: 0, device: 1, inode, links: 1, digest: undefined };
}

/** A root with a file and a folder, in which there is another; with `leave`, by which one leaves its place. What is told up to a sync is looked at by `sync`. */
function departing(context: TestContext, { watched = true } = {}) {
  const writer = new Writer(newCatalogue(context));
  const looker = { found: 0, settleLinks: () => {} };
  const missing = new Set<NodeId>();
  let asked = 0;
  const departures = new Departures({
    ...{ writer, looker },
    missing: { areBelow: (hasLeft) => [...missing].some((id) => hasLeft(writer.rows.topOf(id))) },
    askForSync: watched ? () => ++asked : undefined,
  });
  const ids = writer.transact(() => {
    const make = (parent: NodeId, name: string, kind: NodeState['kind'], inode: bigint) =>
      writer.create({ parent, name: name as ByteName }, stateOf(kind, inode), undefined);
    const root = make(NO_DIRECTORY, '/root', 'directory', 1n);
    const outer = make(root, 'outer', 'directory', 2n);
    return { root, file: make(root, 'file', 'file', 3n), outer, inner: make(outer, 'inner', 'directory', 4n) };
  });
  writer.rows.indexInodes();
  const leave = (id: NodeId) => writer.transact(() => writer.detach(writer.rows.get(id) as CatalogueNode, CAUSE));
  const comeTo = (id: NodeId, name: string) => {
    const node = writer.rows.get(id) as CatalogueNode;
    writer.transact(() => writer.move(node, { parent: ids.root, name: name as ByteName }, node, CAUSE));
  };
  const sync = () => departures.settle(asked);
  const isThere = (id: NodeId) => writer.rows.has(id);
  return { ...ids, writer, looker, missing, leave, comeTo, settle: (to: number) => departures.settle(to), sync, isThere };
}

test('what has left is gone when all that was queued by then is looked at, and not before', (context) => {
  const { file, leave, settle, isThere } = departing(context);
  leave(file);
  settle(0);
  settle(0);
  assert.ok(isThere(file));
  settle(1);
  assert.equal(isThere(file), false);
});

test('where nobody watches, it is gone at once', (context) => {
  const { file, leave, sync, isThere } = departing(context, { watched: false });
  leave(file);
  sync();
  assert.equal(isThere(file), false);
});

test('while looks find something new it may have gone on, which is waited for a few times', (context) => {
  const { looker, file, leave, sync, isThere } = departing(context);
  leave(file);
  sync();
  let times = 0;
  for (; isThere(file) && times < LONG; times++) {
    looker.found++;
    sync();
  }
  assert.equal(times, 4);
});

test('what may be in a folder that has left meanwhile is gone with that, however often such a folder goes on', (context) => {
  const { missing, looker, file, outer, inner, leave, comeTo, sync, isThere } = departing(context);
  leave(file);
  sync();
  // The file has gone into the inner folder, of which an event tells; but the outer one is on its way, and no look comes there.
  for (let times = 0; times < 7; times++) {
    looker.found++;
    if (times > 0) comeTo(outer, `outer ${times}`);
    leave(outer);
    missing.add(inner);
    sync();
    assert.ok(isThere(file), `${times} times`);
  }
  missing.clear();
  for (let times = 0; isThere(file) && times < LONG; times++) sync();
  assert.deepEqual([file, outer, inner].map(isThere), [false, false, false]);
});

test('a folder that has left for good is gone after one sync more, and so is what may have been in it', (context) => {
  const { missing, file, outer, inner, leave, sync, isThere } = departing(context);
  leave(file);
  sync();
  leave(outer);
  missing.add(inner);
  sync();
  assert.ok(isThere(file));
  sync();
  assert.deepEqual([file, outer, inner].map(isThere), [false, false, false]);
});

test('where folders leave all the time, what may be in them is waited for with an end', (context) => {
  const { missing, file, outer, inner, leave, comeTo, sync, isThere } = departing(context);
  leave(file);
  sync();
  missing.add(inner);
  let times = 0;
  for (; isThere(file) && times < LONG; times++) {
    if (times > 0) comeTo(outer, `outer ${times}`);
    leave(outer);
    sync();
  }
  assert.ok(times < LONG, `${times} times`);
});
