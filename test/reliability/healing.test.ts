/** Damage is not for ever: what is saved again is stored anew, and the damaged segment goes. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { nameFromText } from '../../src/base/names.ts';
import { blake3 } from '../../src/hash/blake3.ts';
import { Datadir } from '../../src/store/datadir/datadir.ts';
import { listSegments } from '../../src/store/datadir/segment-file.ts';
import { collect } from '../../src/tree/collect.ts';
import { save } from '../../src/tree/save/save.ts';
import { verify } from '../../src/tree/verify/verify.ts';
import { Random } from '../support/random.ts';
import { scratchFolder } from '../support/scratch.ts';
import { ChurningTree } from './churning-tree.ts';
import { readableFiles } from './readable-files.ts';

const CREATE = { hash: blake3, chunking: { minBytes: 2048, targetBytes: 8192, maxBytes: 32768 } };

const DAMAGES: Readonly<Record<string, (file: string, bytes: Buffer) => void>> = {
  'a flipped bit in every kilobyte': (file, bytes) => {
    for (let at = 700; at < bytes.length; at += 1024) bytes[at] = (bytes[at] as number) ^ 1;
    fs.writeFileSync(file, bytes);
  },
  'a flipped bit in the header of the segment': (file, bytes) => {
    bytes[3] = 0;
    fs.writeFileSync(file, bytes);
  },
  'a flipped bit in the last block': (file, bytes) => {
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    fs.writeFileSync(file, bytes);
  },
  'half of the segment gone': (file, bytes) => fs.truncateSync(file, bytes.length >>> 1),
  'the segment gone': (file) => fs.rmSync(file),
};

describe('damage is healed by saving again', () => {
  for (const [what, inflict] of Object.entries(DAMAGES)) {
    for (const closed of [true, false]) {
      test(`${what}, of a ${closed ? 'closed' : 'growing'} one`, async (context) => {
        const folder = scratchFolder(context);
        const place = join(folder, 'store');
        const cacheFile = join(folder, 'cache');
        const source = new ChurningTree(join(folder, 'source'), new Random(7), 40);
        const opened = async <T>(work: (store: Datadir) => Promise<T>): Promise<T> => {
          const store = new Datadir(place, { create: CREATE });
          try {
            return await work(store);
          } finally {
            await store.close();
          }
        };
        const saveAgain = (readAll: boolean) =>
          opened((store) =>
            save({ store, archive: 'a', source: nameFromText(source.folder), cacheFile, options: { threads: 0, readAll } }),
          );
        await saveAgain(false);
        const { layout } = new Datadir(place);
        const [id = ''] = listSegments(layout).keys();
        const file = closed ? layout.closed(id) : layout.growing(id);
        if (closed) fs.renameSync(layout.growing(id), file);
        const expected = await opened(readableFiles);
        inflict(file, fs.readFileSync(file));

        const found = await opened((store) => verify(store, { threads: 0 }));
        assert.ok(found.problems.some(({ harmless }) => !harmless));
        assert.equal(found.condemned, true);
        // Without the tree's root block, what the file cache knows is not relied upon.
        await saveAgain(what !== 'the segment gone');
        const healed = await opened((store) => verify(store, { threads: 0 }));
        assert.deepEqual([healed.problems.filter(({ harmless }) => !harmless), healed.touched], [[], []]);
        assert.equal((await opened((store) => collect(store))).damagedSegments, 0);
        assert.equal(fs.existsSync(layout.closed(id)) || fs.existsSync(layout.growing(id)), false);
        const after = await opened((store) => verify(store, { threads: 0 }));
        assert.deepEqual([after.damagedSegments, after.touched], [0, []]);
        const readable = await opened(readableFiles);
        for (const [path, hash] of expected) assert.equal(readable.get(path), hash, path);
      });
    }
  }
});
