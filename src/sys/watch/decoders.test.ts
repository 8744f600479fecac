/** How events that are read at once become a batch: what a kernel that is not here, or cannot be made to, would say. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FanotifyRecord, fanotifyEvent, fanotifyKey, inotifyEvent, RECORD } from '../../../test/support/queue-bytes.ts';
import { FormatError, NewerFormatError } from '../../base/errors.ts';
import { nameFromText } from '../../base/names.ts';
import { EventList } from './event-list.ts';
import { decodeFanotify } from './fanotify-events.ts';
import { decodeInotify } from './inotify-events.ts';
import { CLOSE_WRITE, CREATE, DELETE, DELETE_SELF, MODIFY, MOVED_FROM, MOVED_TO, QUEUE_OVERFLOW } from './masks.ts';
import type { WatchBatch } from './types.ts';

const RENAME = 0x1000_0000;
const UNMOUNT = 0x2000;
const IGNORED = 0x8000;
const a = nameFromText('a');
const b = nameFromText('b');
const key = fanotifyKey(Buffer.from('handle 1'));
const otherKey = fanotifyKey(Buffer.from('handle 2'));

function inotify(...events: Buffer[]): WatchBatch {
  const list = new EventList();
  decodeInotify(Buffer.concat(events), list);
  return list.batch(false);
}

function fanotify(...events: Buffer[]): WatchBatch {
  const list = new EventList();
  decodeFanotify(Buffer.concat(events), list);
  return list.batch(false);
}

function named(name: FanotifyRecord['name'], type = RECORD.directoryAndName, of = key): FanotifyRecord {
  return { type, key: of, name };
}

describe('events of inotify that are read at once', () => {
  it('are one for each name, and the last word on whether a writer is at it counts', () => {
    const { events } = inotify(
      inotifyEvent(1, CREATE, 0, a),
      inotifyEvent(2, MODIFY, 0, a),
      inotifyEvent(1, MODIFY, 0, a),
      inotifyEvent(1, CLOSE_WRITE, 0, a),
      inotifyEvent(2, CLOSE_WRITE, 0, a),
      inotifyEvent(2, MODIFY, 0, a),
    );
    assert.deepEqual(events, [
      { directory: '1', name: 'a', isOpen: false, pid: 0 },
      { directory: '2', name: 'a', isOpen: true, pid: 0 },
    ]);
  });

  it('join the halves of a rename, also around those of another', () => {
    const { events } = inotify(
      inotifyEvent(1, MOVED_FROM, 7, a),
      inotifyEvent(1, MOVED_FROM, 8, b),
      inotifyEvent(2, MOVED_TO, 7, b),
      inotifyEvent(1, MOVED_TO, 8, a),
    );
    assert.deepEqual(
      events.map(({ directory, name, to }) => [directory, name, to]),
      [
        ['1', 'a', { directory: '2', name: 'b' }],
        ['1', 'b', { directory: '1', name: 'a' }],
      ],
    );
  });

  it('tell of half a rename as of its name', () => {
    const { events } = inotify(inotifyEvent(1, MOVED_FROM, 7, a), inotifyEvent(1, MOVED_TO, 8, b));
    assert.deepEqual(events.map(({ name, to }) => [name, to]).sort(), [
      ['a', undefined],
      ['b', undefined],
    ]);
  });

  it('tell of marks that are gone, and that events are', () => {
    const batch = inotify(inotifyEvent(3, UNMOUNT, 0, ''), inotifyEvent(3, IGNORED, 0, ''), inotifyEvent(-1, QUEUE_OVERFLOW, 0, ''));
    assert.deepEqual(batch, { events: [], lost: ['3'], overflowed: true, mountsChanged: false });
  });

  it('are refused when they are cut short, or hold what is no name', () => {
    const event = inotifyEvent(1, CREATE, 0, a);
    for (let length = 1; length < event.length; length++) assert.throws(() => inotify(event.subarray(0, length)), FormatError);
    assert.throws(() => inotify(inotifyEvent(1, CREATE, 0, nameFromText('a/b'))), FormatError);
    assert.throws(() => inotify(inotifyEvent(1, CREATE, 0, nameFromText('a\0b'))), FormatError);
    assert.throws(() => inotify(inotifyEvent(1, CREATE, 0, nameFromText('x'.repeat(256)))), FormatError);
  });
});

describe('events of fanotify that are read at once', () => {
  it('are one for each name, by the last who did it', () => {
    const { events } = fanotify(
      fanotifyEvent(CREATE, 10, [named(a)]),
      fanotifyEvent(MODIFY, 11, [named(a, RECORD.directoryAndName, otherKey)]),
      fanotifyEvent(MODIFY | CLOSE_WRITE, 12, [named(a)]),
    );
    assert.deepEqual(events, [
      { directory: key, name: 'a', isOpen: false, pid: 12 },
      { directory: otherKey, name: 'a', isOpen: true, pid: 11 },
    ]);
  });

  it('tell of a rename by both of its places, or by the one that is watched', () => {
    const from = named(a, RECORD.oldDirectoryAndName);
    const to = named(b, RECORD.newDirectoryAndName, otherKey);
    const { events } = fanotify(fanotifyEvent(RENAME, 1, [from, to]), fanotifyEvent(RENAME, 1, [from]), fanotifyEvent(RENAME, 1, [to]));
    assert.deepEqual(
      events.map(({ directory, name, to }) => [directory, name, to]),
      [
        [key, 'a', { directory: otherKey, name: 'b' }],
        [key, 'a', undefined],
        [otherKey, 'b', undefined],
      ],
    );
  });

  it('tell of a rename by kernels before 5.17 as of two names', () => {
    const { events } = fanotify(
      fanotifyEvent(MOVED_FROM, 1, [named(a)]),
      fanotifyEvent(MOVED_TO, 1, [named(b, RECORD.directoryAndName, otherKey)]),
    );
    assert.deepEqual(
      events.map(({ directory, name }) => [directory, name]),
      [
        [key, 'a'],
        [otherKey, 'b'],
      ],
    );
  });

  it('pass over records that they know nothing of', () => {
    const unknown = { type: 99, key: '', name: nameFromText('???') } as const;
    const file = named('', RECORD.fid, otherKey);
    assert.equal(fanotify(fanotifyEvent(CREATE, 1, [unknown, file, named(a), unknown])).events[0]?.name, 'a');
  });

  it('tell of the directory itself where there is no name', () => {
    const { events, lost } = fanotify(fanotifyEvent(DELETE_SELF, 1, [named('', RECORD.directory)]));
    assert.equal(events[0]?.name, '.');
    assert.deepEqual(lost, [key]);
  });

  it('count as lost where the kernel could not say of what they are', () => {
    const unknown = fanotifyKey(Buffer.alloc(0), 0xff);
    for (const records of [[], [named(a, RECORD.directoryAndName, unknown)]]) {
      const { events, overflowed } = fanotify(fanotifyEvent(DELETE, 1, records));
      assert.deepEqual({ events, overflowed }, { events: [], overflowed: true });
    }
    assert.equal(fanotify(fanotifyEvent(QUEUE_OVERFLOW, 0, [])).overflowed, true);
  });

  it('are refused when they are cut short or of another version', () => {
    const event = fanotifyEvent(CREATE, 1, [named(a)]);
    for (let length = 1; length < event.length; length++) assert.throws(() => fanotify(event.subarray(0, length)), FormatError);
    event.writeUInt8(4, 4);
    assert.throws(() => fanotify(event), NewerFormatError);
    event.writeUInt8(2, 4);
    assert.throws(() => fanotify(event), FormatError);
  });
});
