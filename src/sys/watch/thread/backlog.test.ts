import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameFromText } from '../../../base/names.ts';
import type { DirectoryKey, WatchBatch, WatchEvent } from '../types.ts';
import { Backlog } from './backlog.ts';

const key = (text: string) => text as DirectoryKey;
const at = (directory: string, name: string): WatchEvent => ({
  directory: key(directory),
  name: nameFromText(name),
  isOpen: false,
  pid: 1,
});
const batch = (events: WatchEvent[], rest: Partial<WatchBatch> = {}): WatchBatch => ({
  events,
  overflowed: false,
  lost: [],
  mountsChanged: false,
  ...rest,
});

test('what is told of one name again is there once, where it was told first', () => {
  const backlog = new Backlog();
  backlog.add(batch([at('a', 'x'), at('a', 'y')]));
  backlog.add(batch([at('a', 'x'), at('b', 'x')]));
  const { events } = backlog.take();
  assert.deepEqual(
    events.map(({ directory, name }) => `${directory}/${name}`),
    ['a/x', 'a/y', 'b/x'],
  );
  assert.ok(backlog.isEmpty);
});

test('two renames from one place stay two', () => {
  const backlog = new Backlog();
  const to = (name: string) => ({ ...at('a', 'x'), to: { directory: key('b'), name: nameFromText(name) } });
  backlog.add(batch([to('one'), to('two'), to('one')]));
  assert.equal(backlog.take().events.length, 2);
});

test('an overflow, a lost mark and changed mounts are kept until they are taken', () => {
  const backlog = new Backlog();
  backlog.add(batch([], { overflowed: true }));
  backlog.add(batch([], { lost: [key('a')], mountsChanged: true }));
  backlog.add(batch([]));
  assert.ok(!backlog.isEmpty);
  const { overflowed, lost, mountsChanged } = backlog.take();
  assert.deepEqual([overflowed, lost, mountsChanged], [true, ['a'], true]);
  assert.ok(backlog.isEmpty);
});

test('a part of it can be taken, the first first; lost marks come with the last', () => {
  const backlog = new Backlog();
  backlog.add(batch([at('a', 'x'), at('a', 'y'), at('a', 'z')], { lost: [key('a')], mountsChanged: true }));
  const names = ({ events }: WatchBatch) => events.map(({ name }) => name);
  const first = backlog.take(2);
  assert.deepEqual([names(first), first.lost, first.mountsChanged, backlog.size], [['x', 'y'], [], true, 1]);
  backlog.add(batch([at('a', 'z'), at('a', 'x')]));
  const second = backlog.take(2);
  assert.deepEqual([names(second), second.lost, second.mountsChanged, backlog.isEmpty], [['z', 'x'], ['a'], false, true]);
});

test('beyond its bound it says that events were lost, and keeps none', () => {
  const backlog = new Backlog();
  for (let part = 0; part < 6; part++) backlog.add(batch(Array.from({ length: 100_000 }, (_, i) => at('a', `${part} ${i}`))));
  const { overflowed, events } = backlog.take();
  assert.ok(overflowed);
  assert.equal(events.length, 0);
});
