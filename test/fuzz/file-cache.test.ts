import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { nameFromText } from '../../src/base/names.ts';
import { blake3 } from '../../src/hash/blake3.ts';
import { UnknownHashError } from '../../src/hash/registry.ts';
import { SIGNATURE_BYTES } from '../../src/sys/stat.ts';
import { CachedDirectory, encodeCachedDirectory } from '../../src/tree/save/cached-directory.ts';
import { FileCache, FileCacheWriter } from '../../src/tree/save/file-cache.ts';
import { childKey, ROOT_KEY } from '../../src/tree/save/path-key.ts';
import { fuzz } from '../support/fuzz.ts';
import type { Random } from '../support/random.ts';
import { scratchFolder } from '../support/scratch.ts';

const NAME = nameFromText('folder');
const OWNER = { store: 'store', source: '/source', observedTimes: false };

function directory(random: Random): Buffer {
  const items = Array.from({ length: random.below(5) }, (_, i) => ({
    name: nameFromText(`file ${i}`),
    signature: random.bytes(SIGNATURE_BYTES),
    files: 1,
    bytes: random.below(1e6),
    identity: random.chance(0.3) ? random.bytes(16) : undefined,
    encoded: random.bytes(random.below(60)),
  }));
  const digest = blake3.hash(random.bytes(4));
  return encodeCachedDirectory(NAME, { content: { kind: 'block', digest, size: 100 }, summary: { files: 3, bytes: 1000 } }, items);
}

/** Looks up all that a directory may have; what it says must lie in it. */
function lookUp(cached: CachedDirectory): void {
  for (let i = 0; i < 6; i++) {
    const name = nameFromText(`file ${i}`);
    if (cached.has(name)) cached.find(name, Buffer.alloc(SIGNATURE_BYTES));
  }
}

describe('whatever is in a file cache', () => {
  test('a directory of it is read or not known', (context) => {
    const file = join(scratchFolder(context), 'cache');
    return fuzz(
      context,
      (random) => {
        const writer = new FileCacheWriter(file, OWNER);
        for (const key of [ROOT_KEY, childKey(ROOT_KEY, NAME)]) writer.add(key, directory(random));
        writer.commit('blake3:00');
        return fs.readFileSync(file);
      },
      (input) => {
        fs.writeFileSync(file, input);
        const cache = FileCache.open(file, OWNER);
        if (cache === undefined) return;
        const cached = cache.directory(ROOT_KEY, NAME);
        if (cached !== undefined) lookUp(cached);
        assert.equal(cache.directory(ROOT_KEY, nameFromText('another')), undefined);
        cache.close();
      },
      0.1,
    );
  });

  test('a record whose checksum fits is read or refused', (context) =>
    fuzz(context, directory, (input) => {
      if (input.length >= 8) input.writeUInt32LE(crc32(input.subarray(8)), 4);
      try {
        lookUp(new CachedDirectory(input));
      } catch (error) {
        // Of reading beyond the end of a record, or an algorithm that nobody knows; the cache takes both for damage.
        if (!(error instanceof RangeError || error instanceof UnknownHashError)) throw error;
      }
    }));
});
