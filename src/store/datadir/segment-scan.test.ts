import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { encodeRecordHead, TableBuilder } from './record.ts';
import { SEGMENT_HEADER_BYTES } from './segment-file.ts';
import { scanSegment } from './segment-scan.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'varve-scan-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));
const HASH_BYTES = 32;

function record(payload: Uint8Array): Buffer {
  const table = new TableBuilder(HASH_BYTES);
  table.add(randomBytes(HASH_BYTES), 0, payload.length);
  return Buffer.concat([encodeRecordHead(table.bytes(), 1, 'raw', payload.length, payload), payload]);
}

/** What is found in a segment of these parts, as kinds with offsets. */
function scan(...parts: Uint8Array[]): string[] {
  const file = path.join(folder, 'segment');
  fs.writeFileSync(file, Buffer.concat([Buffer.alloc(SEGMENT_HEADER_BYTES), ...parts]));
  const fd = fs.openSync(file, 'r');
  try {
    return [...scanSegment(fd, 0, fs.fstatSync(fd).size, HASH_BYTES)].map(({ kind, offset }) => `${kind} ${offset - SEGMENT_HEADER_BYTES}`);
  } finally {
    fs.closeSync(fd);
  }
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 1;
  return copy;
}

describe('scanning a segment', () => {
  const one = record(randomBytes(100));
  const nesting = record(Buffer.concat([randomBytes(50), record(randomBytes(60)), randomBytes(50)]));

  test('goes on at the next record behind a damaged head or table', () => {
    assert.deepEqual(scan(one, one), ['record 0', `record ${one.length}`]);
    assert.deepEqual(scan(flipped(one, 9), one), ['damage 0', `record ${one.length}`]);
    assert.deepEqual(scan(flipped(one, 40), one), ['damage 0', `record ${one.length}`]);
  });

  test('passes over what the disk cannot read, and nothing more', (context) => {
    const large = record(randomBytes(20_000));
    const bad = SEGMENT_HEADER_BYTES + one.length + large.length;
    const read = fs.readSync;
    const failing = context.mock.method(fs, 'readSync', ((fd: number, bytes: Uint8Array, offset: number, length: number, at: number) => {
      if (at < bad + 50 && at + length > bad) throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' });
      return read(fd, bytes, offset, length, at);
    }) as typeof fs.readSync);
    const behind = one.length + 2 * large.length;
    assert.deepEqual(scan(one, large, large, one), [
      'record 0',
      `record ${one.length}`,
      `damage ${one.length + large.length}`,
      `record ${behind}`,
    ]);
    failing.mock.restore();
  });

  test('does not take what looks like a record inside of a torn or damaged one for a record', () => {
    assert.deepEqual(scan(one, nesting.subarray(0, -10)), ['record 0', `damage ${one.length}`]);
    assert.deepEqual(scan(flipped(nesting, 40), one), ['damage 0', `record ${nesting.length}`]);
  });
});
