import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameFromText } from '../../../base/names.ts';
import type { DirectoryKey, WatchBatch, WatchEvent, Watcher } from '../types.ts';
import { drain } from './drain.ts';
import { WatchFlow } from './flow.ts';
import type { ForeignMessage, WatchMessage } from './messages.ts';

const directory = 'a' as DirectoryKey;

function eventsOf(from: number, to: number): WatchEvent[] {
  return Array.from({ length: to - from }, (_, i) => ({ directory, name: nameFromText(`${from + i}`), isOpen: false, pid: 1 }));
}

/** Drains what each reading brings, or does; every message is taken in at once. What is `said` to the thread is there when it has read for the first time. */
function drained(readings: readonly (WatchEvent[] | ((flow: WatchFlow) => WatchEvent[]))[], said: ForeignMessage[] = []): WatchMessage[] {
  const flow = new WatchFlow();
  const left = [...readings];
  const messages: WatchMessage[] = [];
  const read = (): WatchBatch => {
    const reading = left.shift();
    if (reading === undefined) flow.stop();
    const events = typeof reading === 'function' ? reading(flow) : (reading ?? []);
    return { events, overflowed: false, lost: [], mountsChanged: false };
  };
  drain({ read } as Pick<Watcher, 'read'> as Watcher, flow, {
    send: (message) => {
      messages.push(message);
      flow.take();
    },
    receive: () => said.shift(),
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

const foreign = 'b' as DirectoryKey;
const inForeign = (name: string): WatchEvent => ({ directory: foreign, name: nameFromText(name), isOpen: false, pid: 1 });
const ask = (flow: WatchFlow) => {
  flow.askForSync();
  return [];
};

test('of a foreign directory it is told that something has happened, by its key alone, with what else there is', () => {
  const inwards = { ...inForeign('x'), to: { directory, name: nameFromText('y') } };
  const within = { ...inForeign('x'), to: { directory: foreign, name: nameFromText('y') } };
  const [message, ...more] = drained([[inForeign('x'), within, inwards, inForeign('z')]], [{ foreign: [foreign], known: [] }]);
  assert.deepEqual(message?.batch.events, [inwards]);
  assert.deepEqual(message.foreign, [foreign]);
  assert.deepEqual(more, []);
});

test('where nothing else happens, that waits for a tenth of a second, or for a sync', () => {
  const said = () => [{ foreign: [foreign], known: [] }];
  assert.deepEqual(drained([[inForeign('x')], [inForeign('y')]], said()), []);
  const [synced, ...more] = drained([[inForeign('x')], ask, []], said());
  assert.deepEqual([synced?.foreign, synced?.synced, more], [[foreign], 1, []]);
  const late = () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
    return [inForeign('y')];
  };
  const told = drained([[inForeign('x')], late], said());
  assert.deepEqual(
    told.map(({ batch, foreign }) => [batch.events.length, foreign]),
    [[0, [foreign]]],
  );
});

test('names are told again of a directory that is foreign no more', () => {
  const [message] = drained(
    [[inForeign('x')]],
    [
      { foreign: [foreign], known: [] },
      { foreign: [], known: [foreign] },
    ],
  );
  assert.deepEqual(message?.batch.events, [inForeign('x')]);
});
