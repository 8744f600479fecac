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
