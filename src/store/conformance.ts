import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { VarveError } from '../base/errors.ts';
import { digestToText } from '../hash/digest.ts';
import { hashByName } from '../hash/registry.ts';
import type { Digest, HashAlgorithm } from '../hash/types.ts';
import { DamagedBlockError, MissingBlockError, UnreachableStoreError } from './errors.ts';
import type { ListOptions, Store } from './types.ts';

/** A store type under test. What it leaves out is not tested. */
export interface ConformanceSubject {
  /** A new, empty store. The suite closes it. */
  open(hash: HashAlgorithm): Promise<Store>;
  /** Another instance of a place that `open` made, after or beside the first. */
  reopen?(store: Store): Promise<Store>;
  /** Changes the bytes of a flushed block behind the store's back. */
  damage?(store: Store, digest: Digest): Promise<void>;
  /** A store that cannot be reached. */
  unreachable?(): Promise<Store>;
}

const ALGORITHMS = ['blake3', 'sha2-256', 'sha1'];
const ABSENT = Buffer.from('never added');

/** Registers with node:test a case for each promise of types.ts, under several hash algorithms (S13). */
export function storeConformance(name: string, subject: ConformanceSubject): void {
  for (const algorithm of ALGORITHMS) {
    describe(`${name} keeps the promises of a store, under ${algorithm}`, () => {
      const hash = hashByName(algorithm);
      testBlocks(hash, subject);
      testListing(hash, subject);
      testArchives(hash, subject);
      testErrors(hash, subject);
      if (subject.reopen) testReopening(hash, subject, subject.reopen);
    });
  }
}

/** A test that is given a store and closes it. */
function testStore(title: string, subject: ConformanceSubject, hash: HashAlgorithm, run: (store: Store) => Promise<void>): void {
  test(title, async () => {
    const store = await subject.open(hash);
    try {
      await run(store);
    } finally {
      await store.close();
    }
  });
}

function testBlocks(hash: HashAlgorithm, subject: ConformanceSubject): void {
  const check = (title: string, run: (store: Store) => Promise<void>) => testStore(title, subject, hash, run);

  check('names its algorithm, and sound bounds of blocks', async (store) => {
    assert.equal(store.hash.name, hash.name);
    const { minBytes, targetBytes, maxBytes } = store.chunking;
    assert.ok(64 <= minBytes && minBytes <= targetBytes && targetBytes <= maxBytes);
  });

  check('names a block by the digest of its bytes', async (store) => {
    assertDigest(await store.add(bytesOf('a')), hash.hash(bytesOf('a')));
  });

  check('gives back what was added, before and after a flush', async (store) => {
    const digest = await store.add(bytesOf('a'));
    assertBytes(await store.get(digest), bytesOf('a'));
    await store.flush();
    assertBytes(await store.get(digest), bytesOf('a'));
  });

  check('keeps a block when the caller uses its buffer again', async (store) => {
    const buffer = Uint8Array.from(bytesOf('mine'));
    const digest = await store.add(buffer);
    buffer.fill(0);
    await store.flush();
    assertBytes(await store.get(digest), bytesOf('mine'));
  });

  check('keeps the empty block, a large one, and one that cannot be compressed', async (store) => {
    const large = Buffer.alloc(2 << 20, 'large ');
    const random = Buffer.concat(Array.from({ length: 3000 }, (_, i) => hash.hash(bytesOf(String(i)))));
    for (const bytes of [new Uint8Array(0), large, random]) {
      const digest = await store.add(bytes);
      await store.flush();
      assertBytes(await store.get(digest), bytes);
    }
  });

  check('answers batches in the order asked, also for repeated digests', async (store) => {
    const blocks = Array.from({ length: 300 }, (_, i) => bytesOf(`block ${i % 250}`));
    const digests = await store.addBatch(blocks);
    assert.equal(digests.length, 300);
    for (const [i, digest] of digests.entries()) assertDigest(digest, hash.hash(blocks[i] as Uint8Array));
    const found = await store.getBatch([...digests].reverse());
    for (const [i, bytes] of found.reverse().entries()) assertBytes(bytes, blocks[i] as Uint8Array);
  });

  check('lends blocks in the order asked, also repeated and unflushed ones', async (store) => {
    const blocks = Array.from({ length: 300 }, (_, i) => bytesOf(i % 7 === 0 ? '' : `block ${i % 250}`));
    const digests = await store.addBatch(blocks.slice(0, 200));
    await store.flush();
    digests.push(...(await store.addBatch(blocks.slice(200))));
    for (const order of [[...digests.keys()], [...digests.keys()].reverse(), [...digests.keys()].map((i) => (i * 7) % 300)]) {
      let next = 0;
      await store.lend(
        order.map((i) => digests[i] as Digest),
        (first, bytes, ends) => {
          assert.equal(first, next);
          assert.equal(ends.at(-1), bytes.length);
          for (const [i, end] of ends.entries())
            assertBytes(bytes.subarray(ends[i - 1] ?? 0, end), blocks[order[next++] as number] as Uint8Array);
          assert.equal(next, first + ends.length);
        },
      );
      assert.equal(next, order.length);
    }
  });

  check('lends no more when the borrower throws', async (store) => {
    const digests = await store.addBatch([bytesOf('a'), bytesOf('b')]);
    const failure = new Error('enough');
    let calls = 0;
    const take = () => {
      calls++;
      throw failure;
    };
    await assert.rejects(store.lend(digests, take), failure);
    assert.equal(calls, 1);
  });

  check('answers empty batches', async (store) => {
    assert.deepEqual(await store.addBatch([]), []);
    assert.deepEqual(await store.getBatch([]), []);
    assert.deepEqual(await store.hasBatch([]), []);
  });

  check('says which blocks it has', async (store) => {
    const digest = await store.add(bytesOf('a'));
    assert.equal(await store.has(digest), true);
    assert.equal(await store.has(hash.hash(ABSENT)), false);
    assert.deepEqual(await store.hasBatch([hash.hash(ABSENT), digest, hash.hash(ABSENT)]), [false, true, false]);
  });

  check('counts a block added again as known, and not as new', async (store) => {
    await store.add(bytesOf('a'));
    await store.flush();
    await store.add(bytesOf('a'));
    assert.equal(store.counters.newBlocks, 1);
    assert.equal(store.counters.newBytes, bytesOf('a').length);
    assert.equal(store.counters.knownBlocks, 1);
    assert.ok(store.counters.storedBytes > 0);
  });

  check('serves many callers at once', async (store) => {
    const work = Array.from({ length: 50 }, async (_, i) => {
      const digest = await store.add(bytesOf(`block ${i}`));
      if (i % 10 === 0) await store.flush();
      assertBytes(await store.get(digest), bytesOf(`block ${i}`));
    });
    await Promise.all(work);
  });

  check('may be held, and released twice', async (store) => {
    const hold = await store.hold([await store.add(bytesOf('a'))]);
    await hold.release();
    await hold.release();
  });

  check('may be closed twice', async (store) => {
    await store.add(bytesOf('a'));
    await store.close();
    await store.close();
  });
}

function testListing(hash: HashAlgorithm, subject: ConformanceSubject): void {
  const blocks = Array.from({ length: 200 }, (_, i) => bytesOf(`listed ${i}`));
  const sorted = blocks.map((bytes) => hash.hash(bytes)).sort(Buffer.compare);
  const middle = sorted[77] as Digest;
  const expected: [string, ListOptions, Digest[]][] = [
    ['everything in ascending order', {}, sorted],
    ['everything in descending order', { order: 'descending' }, [...sorted].reverse()],
    ['from a digest on', { start: middle }, sorted.slice(77)],
    ['from behind a digest on', { start: middle, inclusive: false }, sorted.slice(78)],
    ['down from a digest', { start: middle, order: 'descending' }, sorted.slice(0, 78).reverse()],
    ['down from before a digest', { start: middle, order: 'descending', inclusive: false }, sorted.slice(0, 77).reverse()],
    ['so many as asked', { start: middle, limit: 5 }, sorted.slice(77, 82)],
    ['nothing when asked for nothing', { limit: 0 }, []],
  ];
  for (const [what, options, digests] of expected) {
    testStore(`lists ${what}`, subject, hash, async (store) => {
      await store.addBatch([...blocks, ...blocks]);
      await store.flush();
      const listed: Digest[] = [];
      for await (const digest of store.list(options)) listed.push(digest);
      assert.deepEqual(listed.map(digestToText), digests.map(digestToText));
      const hasher = hash.hasher();
      for (const digest of digests) hasher.update(digest);
      assert.equal(digestToText(await store.hashList(options)), digestToText(hasher.digest()));
    });
  }

  testStore('lists from a digest that it does not have', subject, hash, async (store) => {
    await store.addBatch(blocks);
    await store.flush();
    const start = hash.hash(ABSENT);
    const listed: Digest[] = [];
    for await (const digest of store.list({ start, limit: 3 })) listed.push(digest);
    const after = sorted.filter((digest) => Buffer.compare(digest, start) > 0).slice(0, 3);
    assert.deepEqual(listed.map(digestToText), after.map(digestToText));
  });
}

function testArchives(hash: HashAlgorithm, subject: ConformanceSubject): void {
  const check = (title: string, run: (store: Store) => Promise<void>) => testStore(title, subject, hash, run);

  check('has no archives at first, and an absent archive has no lines', async (store) => {
    assert.deepEqual(await store.archives(), []);
    assert.deepEqual(await store.archive('docs').lines(), []);
    assert.deepEqual(await store.archives(), []);
  });

  check('appends lines in order', async (store) => {
    await store.archive('docs').append('one');
    await store.archive('docs').append('two');
    assert.deepEqual(await store.archive('docs').lines(), ['one', 'two']);
    assert.equal(store.archive('docs').name, 'docs');
  });

  check('loses no line of many appended at once', async (store) => {
    const lines = Array.from({ length: 20 }, (_, i) => `line ${i}`);
    await Promise.all(lines.map((line) => store.archive('docs').append(line)));
    assert.deepEqual((await store.archive('docs').lines()).sort(), lines.sort());
  });

  check('lists archives sorted, whatever their names', async (store) => {
    const names = ['zoo', 'a b', 'me@laptop', 'naïve', '.hidden', '50%', 'a/b'].sort();
    for (const name of [...names].reverse()) await store.archive(name).append('line');
    assert.deepEqual(await store.archives(), names);
    for (const name of names) assert.deepEqual(await store.archive(name).lines(), ['line']);
  });

  check('refuses a line with a line end', async (store) => {
    await assert.rejects(store.archive('docs').append('one\ntwo'), TypeError);
    assert.deepEqual(await store.archive('docs').lines(), []);
  });

  check('rewrites an archive, leaves it, and removes it', async (store) => {
    const archive = store.archive('docs');
    await archive.append('one');
    await archive.append('two');
    await archive.rewrite((lines) => lines.filter((line) => line === 'two'));
    assert.deepEqual(await archive.lines(), ['two']);
    await archive.rewrite(() => undefined);
    assert.deepEqual(await archive.lines(), ['two']);
    await archive.rewrite(() => []);
    assert.deepEqual(await store.archives(), []);
  });

  check('makes an archive by rewriting what is not there, one of many at once being the first', async (store) => {
    const archive = store.archive('docs');
    await archive.rewrite(() => undefined);
    await archive.rewrite(() => []);
    assert.deepEqual(await store.archives(), []);
    const lines = Array.from({ length: 10 }, (_, i) => `line ${i}`);
    await Promise.all(lines.map((line) => archive.rewrite((before) => (before.length === 0 ? [line] : undefined))));
    assert.equal((await archive.lines()).length, 1);
    await archive.append('another');
    assert.equal((await archive.lines()).length, 2);
  });

  check('leaves an archive as it is when a rewrite throws', async (store) => {
    const archive = store.archive('docs');
    await archive.append('one');
    const failure = new Error('cannot decide');
    await assert.rejects(
      archive.rewrite(() => {
        throw failure;
      }),
      failure,
    );
    assert.deepEqual(await archive.lines(), ['one']);
    await archive.append('two');
    assert.deepEqual(await archive.lines(), ['one', 'two']);
  });
}

function testErrors(hash: HashAlgorithm, subject: ConformanceSubject): void {
  testStore('says which block is missing, and where', subject, hash, async (store) => {
    const digest = hash.hash(ABSENT);
    const expected = (error: unknown) => {
      assert.ok(error instanceof MissingBlockError);
      assert.equal(error.digest, digestToText(digest));
      assert.equal(error.store, store.name);
      return true;
    };
    await assert.rejects(store.get(digest), expected);
    const there = await store.add(bytesOf('a'));
    await assert.rejects(store.getBatch([there, digest]), expected);
    await assert.rejects(
      store.lend([there, digest], () => undefined),
      expected,
    );
  });

  const { damage, unreachable } = subject;
  if (damage) {
    testStore('says which block is damaged, and where', subject, hash, async (store) => {
      const digest = await store.add(bytesOf('to be damaged'));
      await store.flush();
      await damage(store, digest);
      await assert.rejects(store.get(digest), (error: unknown) => {
        assert.ok(error instanceof DamagedBlockError, String(error));
        assert.equal(error.digest, digestToText(digest));
        assert.equal(error.store, store.name);
        return true;
      });
    });
  }

  if (unreachable) {
    test('says that it cannot be reached', async () => {
      const store = await unreachable();
      await assert.rejects(store.get(hash.hash(ABSENT)), (error: unknown) => {
        assert.ok(error instanceof UnreachableStoreError && error instanceof VarveError, String(error));
        assert.equal(error.store, store.name);
        return true;
      });
    });
  }
}

function testReopening(hash: HashAlgorithm, subject: ConformanceSubject, reopen: NonNullable<ConformanceSubject['reopen']>): void {
  testStore('shows what was flushed to another instance', subject, hash, async (store) => {
    const digest = await store.add(bytesOf('a'));
    await store.flush();
    await store.archive('docs').append('line');
    const other = await reopen(store);
    try {
      assert.equal(other.hash.name, hash.name);
      assertBytes(await other.get(digest), bytesOf('a'));
      assert.deepEqual(await other.archive('docs').lines(), ['line']);
    } finally {
      await other.close();
    }
  });

  testStore('shows blocks to an instance that was open before they came', subject, hash, async (store) => {
    await store.add(bytesOf('first'));
    await store.flush();
    const other = await reopen(store);
    try {
      await other.get(hash.hash(bytesOf('first')));
      const digest = await store.add(bytesOf('second'));
      await store.flush();
      assertBytes(await other.get(digest), bytesOf('second'));
    } finally {
      await other.close();
    }
  });
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text);
}

function assertBytes(found: Uint8Array, expected: Uint8Array): void {
  assert.ok(Buffer.compare(found, expected) === 0, `${found.length} bytes are not the ${expected.length} that were added`);
}

function assertDigest(found: Digest, expected: Digest): void {
  assert.equal(digestToText(found), digestToText(expected));
}
