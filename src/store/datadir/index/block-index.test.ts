import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, mock, test } from 'node:test';
import { BlockIndex } from './block-index.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'varve-index-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));
const SEGMENT = 'a'.repeat(32);
const hash = createHash('sha256').update('a block').digest();

test('finds what it has published also when another process merges it at once', () => {
  const [ours, theirs] = [new BlockIndex(folder), new BlockIndex(folder)];
  ours.pending.add(hash, 0, { segment: SEGMENT, offset: 64, recordBytes: 100, block: 0 });
  ours.pending.cover(SEGMENT, 164);
  const rename = fs.renameSync;
  const merging = mock.method(fs, 'renameSync', (from: string, to: string) => {
    merging.mock.restore();
    rename(from, to);
    theirs.merge(() => true, true);
  });
  ours.publish();
  assert.equal(ours.find(hash, () => true)?.segment, SEGMENT);
  ours.close();
  theirs.close();
});

test('a refresh that fails leaves no run that it has closed, whose descriptor may be another file by then', () => {
  const own = fs.mkdtempSync(path.join(folder, 'own-'));
  const index = new BlockIndex(own);
  index.pending.add(hash, 0, { segment: SEGMENT, offset: 64, recordBytes: 100, block: 0 });
  index.pending.cover(SEGMENT, 164);
  index.publish();
  const [run] = fs.readdirSync(own) as [string];
  fs.rmSync(path.join(own, run));
  // It cannot be opened, for no reason that makes it no run.
  const loop = `${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}.run`;
  fs.symlinkSync(loop, path.join(own, loop));
  assert.throws(() => index.refresh(), { code: 'ELOOP' });
  const fd = fs.openSync(path.join(folder, 'another'), 'w');
  index.close();
  fs.writeSync(fd, 'still open');
  fs.closeSync(fd);
});
