import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { FileCache, FileCacheWriter } from './file-cache.ts';
import { ROOT_KEY } from './path-key.ts';

const OWNER = { store: 'store', source: '/source', observedTimes: false };

test('a file cache that cannot be written is left out, without a word', (context) => {
  const file = join(scratchFolder(context), 'file');
  fs.writeFileSync(file, '');
  const impossible = join(file, 'cache');
  const writer = new FileCacheWriter(impossible, OWNER);
  writer.add(ROOT_KEY, Buffer.alloc(3 << 20));
  writer.commit('blake3:00');
  writer.abandon();
  assert.equal(FileCache.open(impossible, OWNER), undefined);
});

test('a folder where the file cache should be is no cache', (context) => {
  assert.equal(FileCache.open(scratchFolder(context), OWNER), undefined);
});

test('what killed saves have left of file caches is removed, and what a running one writes is not', (context) => {
  const folder = scratchFolder(context);
  const file = join(folder, 'cache');
  fs.writeFileSync(`${file}.killed.tmp`, 'half a cache');
  fs.writeFileSync(`${file}2.killed.tmp`, 'of another source');
  const [first, second] = [new FileCacheWriter(file, OWNER), new FileCacheWriter(file, OWNER)];
  first.commit('blake3:00');
  second.abandon();
  assert.deepEqual(fs.readdirSync(folder).sort(), ['cache', 'cache2.killed.tmp']);
  FileCache.open(file, OWNER)?.close();
});
