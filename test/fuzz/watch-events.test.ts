import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ByteName, nameFromBytes } from '../../src/base/names.ts';
import { EventList } from '../../src/sys/watch/event-list.ts';
import { decodeFanotify } from '../../src/sys/watch/fanotify-events.ts';
import { decodeInotify } from '../../src/sys/watch/inotify-events.ts';
import { fuzz } from '../support/fuzz.ts';
import { fanotifyEvent, fanotifyKey, inotifyEvent, RECORD } from '../support/queue-bytes.ts';
import type { Random } from '../support/random.ts';

const TYPES = Object.values(RECORD);

function name(random: Random): ByteName | '' {
  return random.chance(0.1) ? '' : nameFromBytes(random.bytes(1 + random.below(20)).map((byte) => byte | 0x30));
}

function several(random: Random, make: () => Buffer): Buffer {
  return Buffer.concat(Array.from({ length: random.below(8) }, make));
}

function anyMask(random: Random): number {
  return ((1 << random.below(31)) | (1 << random.below(16))) >>> 0;
}

function inotifyQueue(random: Random): Buffer {
  return several(random, () => inotifyEvent(random.below(3), anyMask(random), random.below(3), name(random)));
}

function fanotifyQueue(random: Random): Buffer {
  const record = () => ({ type: random.pick(TYPES), key: fanotifyKey(random.bytes(8 + random.below(3))), name: name(random) });
  return several(random, () => fanotifyEvent(anyMask(random), random.below(9), Array.from({ length: random.below(4) }, record)));
}

/** Whatever was decoded can be looked at: names are single components. */
function checked(decode: (bytes: Buffer, into: EventList) => void): (input: Buffer) => void {
  return (input) => {
    const list = new EventList();
    decode(input, list);
    for (const { name, to } of list.batch(false).events) {
      for (const each of [name, to?.name ?? name]) assert.ok(each.length > 0 && each.length <= 255 && !/[/\0]/.test(each));
    }
  };
}

describe('whatever bytes a queue of the kernel gives', () => {
  test('events of inotify are read or refused', (context) => fuzz(context, inotifyQueue, checked(decodeInotify)));
  test('events of fanotify are read or refused', (context) => fuzz(context, fanotifyQueue, checked(decodeFanotify)));
});
