import assert from 'node:assert/strict';
import fs from 'node:fs';
import { basename, join } from 'node:path';
import { describe, mock, type TestContext, test } from 'node:test';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { saveRevision, storeTree } from '../../../test/support/stored-tree.ts';
import { blake3 } from '../../hash/blake3.ts';
import { digestToText } from '../../hash/digest.ts';
import { readCondemned } from '../../store/datadir/condemned.ts';
import { Datadir } from '../../store/datadir/datadir.ts';
import { listSegments } from '../../store/datadir/segment-file.ts';
import { Archive } from '../archive.ts';
import { collect } from '../collect.ts';
import { verify } from './verify.ts';

const CHUNKING = { minBytes: 1024, targetBytes: 4096, maxBytes: 16384 };
const TIME = '2026-01-01T00:00:00Z';

function newStore(context: TestContext): Datadir {
  const store = new Datadir(join(scratchFolder(context), 'store'), { create: { hash: blake3, chunking: CHUNKING } });
  context.after(() => store.close());
  return store;
}

/** The segment that a new instance has just written to; it is closed, so that the next one makes another. */
function closeSegment(store: Datadir): string {
  store.abandon();
  const growing = [...listSegments(store.layout).values()].find((segment) => segment.growing);
  assert.ok(growing);
  fs.renameSync(store.layout.growing(growing.id), store.layout.closed(growing.id));
  return store.layout.closed(growing.id);
}

describe('verifying a store', () => {
  test('finds nothing wrong where a collector was killed before it came to the index', async (context) => {
    const store = newStore(context);
    await storeTree(store, { garbage: 'three '.repeat(5000) });
    const garbage = closeSegment(store);
    await saveRevision(store, 'docs', TIME, { file: 'one '.repeat(500) });
    fs.rmSync(garbage);
    const { problems } = await verify(store);
    assert.deepEqual(
      problems.map(({ where, harmless }) => ({ where, harmless })),
      [{ where: garbage, harmless: true }],
    );
  });

  test('names a segment that is missing, and the files that it held', async (context) => {
    const store = newStore(context);
    await saveRevision(store, 'docs', TIME, { lost: 'one '.repeat(500) });
    const lost = closeSegment(store);
    await saveRevision(store, 'docs', '2026-01-02T00:00:00Z', { kept: 'two '.repeat(500) });
    fs.rmSync(lost);
    const { problems, touched } = await verify(store);
    assert.ok(problems.some(({ where, harmless }) => where === lost && !harmless));
    assert.deepEqual(touched, [{ archive: 'docs', time: TIME, path: '.' }]);
  });

  test('condemns a damaged segment, and where nothing can be written says that it does not', async (context) => {
    const store = newStore(context);
    await saveRevision(store, 'docs', TIME, { lost: 'one '.repeat(500) });
    const damaged = closeSegment(store);
    fs.truncateSync(damaged, fs.statSync(damaged).size - 1);
    const open = fs.openSync;
    const readOnly = mock.method(fs, 'openSync', ((file: string, flags: string, mode: number) => {
      if (/[aw]/.test(String(flags)))
        throw Object.assign(new Error('EROFS: read-only file system, open'), { code: 'EROFS', syscall: 'open' });
      return open(file, flags, mode);
    }) as typeof fs.openSync);
    const { damagedSegments, condemned } = await verify(store);
    readOnly.mock.restore();
    assert.deepEqual([damagedSegments, condemned], [1, false]);
    assert.equal((await verify(store)).condemned, true);
    assert.deepEqual(readCondemned(store.layout.condemned).segments, [basename(damaged, '.vseg')]);
  });

  test('names a header that has lost its last byte, the end of its line, though it can be read', async (context) => {
    const store = newStore(context);
    await saveRevision(store, 'docs', TIME, { file: 'one '.repeat(500) });
    for (const file of [store.layout.header, store.layout.headerCopy]) {
      const whole = fs.readFileSync(file);
      fs.truncateSync(file, whole.length - 1);
      const { problems } = await verify(new Datadir(store.layout.root));
      assert.deepEqual(
        problems.map(({ where }) => where),
        [file],
      );
      fs.writeFileSync(file, whole);
    }
  });

  test('says so when a revision names a block that is no tree', async (context) => {
    const store = newStore(context);
    const digest = await store.add(Buffer.from('no tree'));
    await store.flush();
    await new Archive(store.archive('docs')).append({ time: TIME, tree: digestToText(digest), files: 1, bytes: 1, host: 'h', user: 'u' });
    const { problems, touched } = await verify(store);
    assert.deepEqual(
      problems.map(({ kind, harmless }) => ({ kind, harmless })),
      [{ kind: 'tree', harmless: false }],
    );
    assert.deepEqual(touched, [{ archive: 'docs', time: TIME, path: '.' }]);
  });

  test('goes on where it was interrupted: what was sound is not read again, and damage is told once more', async (context) => {
    const store = newStore(context);
    await saveRevision(store, 'docs', TIME, { sound: 'one '.repeat(5000) });
    const sound = closeSegment(store);
    await saveRevision(store, 'docs', TIME, { damaged: 'two '.repeat(5000) });
    const damaged = closeSegment(store);
    fs.writeFileSync(damaged, fs.readFileSync(damaged).fill(0, 150, 160));
    // Between the check of the segments and that of the trees.
    const interruption = mock.method(store, 'catchUp', () => Promise.reject(new Error('interrupted')));
    await assert.rejects(verify(store), /interrupted/);
    interruption.mock.restore();
    const { resumed, problems } = await verify(store, { resume: true });
    assert.equal(resumed?.skippedBytes, fs.statSync(sound).size - 64);
    assert.ok(problems.some(({ where }) => where.startsWith(damaged)));
    // It has come to its end: there is nothing to go on with.
    assert.equal((await verify(store, { resume: true })).resumed, undefined);
  });

  test('raises no alarm over a revision that is forgotten and collected meanwhile', async (context) => {
    const store = newStore(context);
    await saveRevision(store, 'docs', TIME, { file: 'one '.repeat(500) });
    await storeTree(store, { garbage: 'two '.repeat(5000) });
    store.abandon();
    const other = new Datadir(store.name);
    // The segment is condemned, and kept for a session that ends before verifying begins.
    const hold = await other.hold();
    assert.equal((await collect(other)).waitingSegments, 1);
    await hold.release();
    // Between the check of the segments and that of the trees.
    const catchUp = store.catchUp.bind(store);
    store.catchUp = async () => {
      await store.archive('docs').rewrite(() => []);
      assert.equal((await collect(other)).removedSegments, 1);
      await catchUp();
    };
    const { problems, touched } = await verify(store);
    assert.deepEqual([problems.filter(({ harmless }) => !harmless), touched], [[], []]);
    await other.close();
  });
});
