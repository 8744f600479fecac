import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameFromText } from '../../../base/names.ts';
import type { DirectoryKey, WatchBatch, WatchEvent, Watcher } from '../types.ts';
import { drain } from './drain.ts';
import { WatchFlow } from './flow.ts';
import type { WatchMessage } from './messages.ts';

const directory = 'a' as DirectoryKey;

function eventsOf(from: number, to: number): WatchEvent[] {
  return Array.from({ length: to - from }, (_, i) => ({ directory, name: nameFromText(`${from + i}`), isOpen: false, pid: 1 }));
}

/** Drains what each reading brings, or does; every message is taken in at once. */
function drained(readings: readonly (WatchEvent[] | ((flow: WatchFlow) => WatchEvent[]))[]): WatchMessage[] {
  const flow = new WatchFlow();
  const left = [...readings];
  const messages: WatchMessage[] = [];
  const read = (): WatchBatch => {
    const reading = left.shift();
    if (reading === undefined) flow.stop();
    const events = typeof reading === 'function' ? reading(flow) : (reading ?? []);
    return { events, overflowed: false, lost: [], mountsChanged: false };
  };
  drain({ read } as Pick<Watcher, 'read'> as Watcher, flow, (message) => {
    messages.push(message);
    flow.take();
  });
  return messages;
}

test('what has gathered is sent in parts, and a sync is reached with the part that has the last of what was there by then', () => {
  const ask = (flow: WatchFlow) => {
    flow.askForSync();
    return eventsOf(0, 25_000);
  };
  // It is asked for while the first is read, and found to be all at the reading that brings nothing; more comes without end.
  const messages = drained([ask, [], eventsOf(25_000, 40_000), eventsOf(40_000, 55_000), eventsOf(55_000, 70_000), [], [], []]);
  const sizes = messages.map(({ batch }) => batch.events.length);
  assert.ok(sizes.every((size) => size <= 10_000));
  assert.equal(new Set(messages.flatMap(({ batch }) => batch.events.map(({ name }) => name))).size, 70_000);
  const reached = messages.findIndex(({ synced }) => synced === 1);
  assert.deepEqual(sizes.slice(0, reached + 1), [10_000, 10_000, 10_000]);
});

test('a sync without anything to tell is answered by itself', () => {
  const ask = (flow: WatchFlow) => {
    flow.askForSync();
    return [];
  };
  // A sync that is asked for while a reading is under way counts from the next one on.
  const messages = drained([ask, [], []]);
  assert.deepEqual(
    messages.map(({ batch, synced }) => [batch.events.length, synced]),
    [[0, 1]],
  );
});
