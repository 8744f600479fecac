import assert from 'node:assert/strict';
import { linkSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { inventedName } from '../../../test/support/catalogue/invented-tree.ts';
import { campaignRandom } from '../../../test/support/random.ts';
import { scratchFolder, skipUnless } from '../../../test/support/scratch.ts';
import type { ByteName } from '../../base/names.ts';
import { blake3 } from '../../hash/blake3.ts';
import { findDuplicates } from './find-duplicates.ts';
import type { DiskFailure } from './messages.ts';

describe('duplicates on disk', () => {
  for (const [threads, isCold] of [
    [0, false],
    [0, true],
    [2, false],
    [2, true],
  ] as const) {
    it(`are the files with equal bytes, whatever their names, found by ${threads} threads${isCold ? ' that have them fetched ahead' : ''}`, async (context) => {
      const random = campaignRandom(context);
      const top = scratchFolder(context);
      const folders = [Buffer.from(top)];
      const contents = new Map<string, number>();
      for (let i = 0; i < 300; i++) {
        const path = Buffer.concat([random.pick(folders), Buffer.from(`/${i}`), Buffer.from(inventedName(random), 'latin1')]);
        if (random.chance(0.1)) {
          mkdirSync(path);
          folders.push(path);
          continue;
        }
        // Few sizes and fewer contents; large ones differ in their middle alone.
        const bytes = Buffer.alloc(random.pick([0, 1, 5000, 70_000, 1_100_000]), 1);
        if (bytes.length > 0) bytes[bytes.length >> 1] = random.below(3);
        writeFileSync(path, bytes);
        const key = Buffer.from(blake3.hash(bytes)).toString('hex');
        if (bytes.length > 0) contents.set(key, (contents.get(key) ?? 0) + 1);
      }
      const found = await findDuplicates([top as ByteName], { threads, isCold });
      assert.deepEqual(
        new Map(found.map(({ digest, copies }) => [Buffer.from(digest).toString('hex'), copies])),
        new Map([...contents].filter(([, count]) => count > 1)),
      );
      assert.deepEqual(
        found.map(({ waste }) => waste),
        found.map(({ waste }) => waste).sort((a, b) => b - a),
      );
    });
  }

  for (const content of ['same', 'same'.repeat(20_000)]) {
    it(`count several links to one file of ${content.length} bytes as one copy, and follow no symbolic link`, async (context) => {
      const top = tree(context, { a: content, c: content, other: content.replace('s', 'l'), linked: content.replace('s', 'n') });
      linkSync(join(top, 'a'), join(top, 'b'));
      linkSync(join(top, 'linked'), join(top, 'link'));
      symlinkSync('a', join(top, 'd'));
      const [group, ...others] = await findDuplicates([top as ByteName], { threads: 0 });
      assert.deepEqual([group?.copies, group?.waste, others.length], [2, content.length, 0]);
    });
  }

  it('are none below the smallest size that is asked for', async (context) => {
    const top = tree(context, { a: 'same', b: 'same' });
    assert.equal((await findDuplicates([top as ByteName], { threads: 0, minBytes: 5 })).length, 0);
  });

  it('leave no file open', async (context) => {
    if (skipUnless(context, process.platform === 'linux', 'open files are asked of /proc')) return;
    const top = tree(context, Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`${i}`, 'same'.repeat(i % 2 === 0 ? 1 : 20_000)])));
    const before = readdirSync('/proc/self/fd').length;
    for (const isCold of [false, true]) {
      const found = await findDuplicates([top as ByteName], { threads: 0, isCold });
      assert.deepEqual(
        found.map(({ copies }) => copies),
        [100, 100],
      );
    }
    assert.equal(readdirSync('/proc/self/fd').length, before);
  });

  it('tell of a folder that cannot be listed, and go on', async (context) => {
    const top = tree(context, { a: 'same', b: 'same' });
    const failures: DiskFailure[] = [];
    const missing = join(top, 'missing') as ByteName;
    const found = await findDuplicates([missing, top as ByteName], { threads: 0, onFailure: (failure) => failures.push(failure) });
    assert.equal(found.length, 1);
    assert.deepEqual(
      failures.map(({ path, code }) => [path, code]),
      [[missing, 'ENOENT']],
    );
  });
});

function tree(context: TestContext, files: Readonly<Record<string, string>>): string {
  const top = scratchFolder(context);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(top, name), content);
  return top;
}
