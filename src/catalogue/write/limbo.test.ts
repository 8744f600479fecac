import assert from 'node:assert/strict';
import type { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { newCatalogue } from '../../../test/support/catalogue.ts';
import { nameFromText } from '../../base/names.ts';
import { checkCatalogue } from '../check/check.ts';
import { History } from '../history/history.ts';
import { holdersOf } from '../history/paths.ts';
import { type CatalogueNode, type Cause, NO_DIRECTORY, type NodeId, type NodeState } from '../types.ts';
import { Writer } from './writer.ts';

const CAUSE: Cause = { origin: 'live', time: 1n };
const CLEARED = 2n;

function stateOf(kind: NodeState['kind'], inode: bigint): NodeState {
  const times = { mtime: 1n, ctime: 1n, born: 1n };
  return { kind, size: 10, disk: 8, ...times, mode: 0o755, uid: 0, gid: 0, device: 1, inode, links: 1, digest: undefined };
}

/** A root with a directory `outer`, in it a directory `inner`, and in that a file. */
function fill(writer: Writer): { root: NodeId; outer: NodeId; inner: NodeId; file: NodeId } {
  return writer.transact(() => {
    const make = (parent: NodeId, name: string, kind: NodeState['kind'], inode: bigint) =>
      writer.create({ parent, name: nameFromText(name) }, stateOf(kind, inode), undefined);
    const root = make(NO_DIRECTORY, '/root', 'directory', 1n);
    const outer = make(root, 'outer', 'directory', 2n);
    const inner = make(outer, 'inner', 'directory', 3n);
    return { root, outer, inner, file: make(inner, 'file', 'file', 4n) };
  });
}

function nodeOf(writer: Writer, id: NodeId): CatalogueNode {
  return writer.rows.get(id) as CatalogueNode;
}

function problemsOf(database: DatabaseSync): string[] {
  const problems: string[] = [];
  checkCatalogue(database, ({ problem }) => problems.push(problem));
  return problems;
}

test('what is in limbo is where it was, for whoever asks for the past, until its end is told', (context) => {
  const database = newCatalogue(context);
  const writer = new Writer(database);
  const { root, outer, inner, file } = fill(writer);
  database.prepare('INSERT INTO root (node, path, added) VALUES (?, ?, 0)').run(root, Buffer.from('/root'));
  writer.transact(() => writer.detach(nodeOf(writer, inner), CAUSE));
  const history = new History(database);
  const name = nameFromText('inner');
  const at = (moment: number) => [
    history.pathAt(file, moment),
    history.childAt({ parent: outer, name }, moment)?.id,
    history.childrenAt(outer, moment).map(({ id }) => id),
  ];
  const before = history.newest();
  assert.deepEqual(at(before), ['/root/outer/inner/file', inner, [inner]]);
  assert.deepEqual(
    holdersOf(history, nameFromText('/root/outer/inner')).map(({ node }) => node),
    [inner],
  );
  assert.equal(history.child({ parent: outer, name }), undefined, 'it is not there now');
  writer.transact(() => writer.clearLimbo(writer.detached, CLEARED));
  assert.deepEqual(at(before), ['/root/outer/inner/file', inner, [inner]]);
  assert.deepEqual(at(history.newest()), [undefined, undefined, []]);
  assert.equal(writer.rows.has(root), true);
});

test('what a killed process has left in limbo is where it was, with its sums', (context) => {
  const database = newCatalogue(context);
  const killed = new Writer(database);
  const { outer, inner, file } = fill(killed);
  const sums = () => database.prepare('SELECT node, size, disk, files, directories FROM directory').all();
  const before = sums();
  killed.transact(() => {
    killed.detach(nodeOf(killed, file), CAUSE);
    killed.detach(nodeOf(killed, inner), CAUSE);
  });
  assert.notDeepEqual(sums(), before);

  const writer = new Writer(database);
  writer.transact(() => writer.restoreLimbo(CAUSE));
  assert.deepEqual([nodeOf(writer, inner).parent, nodeOf(writer, inner).name], [outer, 'inner']);
  assert.deepEqual([nodeOf(writer, file).parent, nodeOf(writer, file).name], [inner, 'file']);
  assert.deepEqual(sums(), before);
  assert.deepEqual(problemsOf(database), []);
  assert.equal(writer.hasLimbo, false);
});

test('what comes back into a directory that is still in limbo is counted once', (context) => {
  const database = newCatalogue(context);
  const killed = new Writer(database);
  const { root } = fill(killed);
  const sums = () => database.prepare('SELECT node, size, disk, files, directories FROM directory').all();
  // What is in limbo comes back in the order of its numbers as text: 10 before 9.
  const { directory, file } = killed.transact(() => {
    const make = (parent: NodeId, kind: NodeState['kind'], inode: bigint) =>
      killed.create({ parent, name: nameFromText(`node ${inode}`) }, stateOf(kind, inode), undefined);
    for (let inode = 5n; inode < 9n; inode++) make(root, 'file', inode);
    const directory = make(root, 'directory', 9n);
    return { directory, file: make(directory, 'file', 10n) };
  });
  assert.deepEqual([directory, file], [9, 10]);
  const before = sums();
  killed.transact(() => {
    killed.detach(nodeOf(killed, file), CAUSE);
    killed.detach(nodeOf(killed, directory), CAUSE);
  });

  const writer = new Writer(database);
  writer.transact(() => writer.restoreLimbo(CAUSE));
  assert.deepEqual(sums(), before);
  assert.deepEqual(problemsOf(database), []);
});

test('what cannot go back from limbo, because something else is there, is deleted from where it was', (context) => {
  const database = newCatalogue(context);
  const killed = new Writer(database);
  const { inner, file } = fill(killed);
  const place = { parent: inner, name: nameFromText('file') };
  killed.transact(() => {
    killed.detach(nodeOf(killed, file), CAUSE);
    killed.create(place, stateOf('file', 5n), CAUSE);
  });

  const writer = new Writer(database);
  writer.transact(() => writer.restoreLimbo(CAUSE));
  assert.equal(writer.hasLimbo, true);
  writer.transact(() => writer.clearLimbo(writer.detached, CLEARED));
  const deleted = database.prepare('SELECT fromParent, fromName FROM event WHERE node = ? AND kind = 4').get(file);
  assert.deepEqual({ ...deleted }, { fromParent: inner, fromName: new Uint8Array(Buffer.from('file')) });
  assert.deepEqual(problemsOf(database), []);
});

test('a directory does not go back from limbo into what is in it by now', (context) => {
  const database = newCatalogue(context);
  const killed = new Writer(database);
  const { outer, inner } = fill(killed);
  killed.transact(() => {
    killed.detach(nodeOf(killed, inner), CAUSE);
    killed.move(nodeOf(killed, outer), { parent: inner, name: nameFromText('outer') }, stateOf('directory', 2n), CAUSE);
  });

  const writer = new Writer(database);
  writer.transact(() => writer.restoreLimbo(CAUSE));
  assert.equal(writer.hasLimbo, true);
  assert.deepEqual(problemsOf(database), []);
});
