import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { blake3 } from '../../hash/blake3.ts';
import type { Digest } from '../../hash/types.ts';
import { Collector } from './collector.ts';
import { condemnDamaged } from './condemn-damaged.ts';
import { Datadir } from './datadir.ts';
import { KEY_BYTES } from './index/row.ts';
import { listSegments, openSegment } from './segment-file.ts';
import { scanSegment } from './segment-scan.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'varve-collector-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));
const create = { hash: blake3, chunking: { minBytes: 8192, targetBytes: 32768, maxBytes: 131072 } };
let count = 0;

/** What lives, said by the test; `onFirstLook` is called while garbage is counted. */
class Living {
  readonly keys = new Map<string, Uint8Array>();
  onFirstLook: (() => void) | undefined;

  add(...digests: Digest[]): void {
    for (const digest of digests) this.keys.set(keyOf(digest.subarray(2)), digest.slice(2, 2 + KEY_BYTES));
  }

  async mark(): Promise<void> {}

  isLive(hash: Uint8Array): boolean {
    const look = this.onFirstLook;
    this.onFirstLook = undefined;
    look?.();
    return this.keys.has(keyOf(hash));
  }

  isInner(): boolean {
    return false;
  }

  marked(): Iterable<Uint8Array> {
    return this.keys.values();
  }
}

function keyOf(hash: Uint8Array): string {
  return Buffer.from(hash.subarray(0, KEY_BYTES)).toString('hex');
}

function fresh(): { at: string; living: Living; open: () => Datadir } {
  const at = path.join(folder, `store${count++}`);
  const store = new Datadir(at, { create });
  void store.header;
  return { at, living: new Living(), open: () => new Datadir(at) };
}

const garbage = () => new Uint8Array(randomBytes(5000));

async function addAndClose(store: Datadir, ...blocks: Uint8Array[]): Promise<Digest[]> {
  const digests = await store.addBatch(blocks);
  await store.close();
  return digests;
}

async function collect(store: Datadir, living: Living): Promise<Awaited<ReturnType<Collector['run']>>> {
  try {
    return await new Collector(store, living).run(false);
  } finally {
    await store.close();
  }
}

function flip(file: string, at: number): void {
  const bytes = fs.readFileSync(file);
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  fs.writeFileSync(file, bytes);
}

describe('the collector', () => {
  test('removes what is dead and keeps what lives', async () => {
    const { living, open } = fresh();
    const [live, dead] = await addAndClose(open(), garbage(), garbage());
    living.add(live!);
    const result = await collect(open(), living);
    assert.equal(result.removedSegments, 1);
    assert.equal(result.movedBlocks, 1);
    const store = open();
    assert.equal((await store.get(live!)).length, 5000);
    assert.equal(await store.has(dead!), false);
    await store.close();
  });

  test('finds nothing to do in a store that it makes', async () => {
    const store = new Datadir(path.join(folder, 'new'), { create });
    assert.equal((await collect(store, new Living())).removedSegments, 0);
  });

  test('keeps what a writer appends to a segment after it was listed', async () => {
    const { living, open } = fresh();
    const writer = open();
    await writer.addBatch([garbage(), garbage()]);
    await writer.flush();
    const late = garbage();
    const digest = blake3.hash(late);
    living.onFirstLook = () => {
      // Nothing in these calls waits, so all is done before the collector goes on.
      void writer.add(late);
      void writer.flush();
      writer.abandon();
      living.add(digest);
    };
    const result = await collect(open(), living);
    assert.equal(result.removedSegments, 1);
    const store = open();
    assert.deepEqual(Buffer.from(await store.get(digest)), Buffer.from(late));
    await store.close();
  });

  test('passes over a segment that its writer closes while garbage is counted', async () => {
    const { living, open } = fresh();
    const store = open();
    await addAndClose(store, garbage());
    const [id] = listSegments(store.layout).keys();
    living.onFirstLook = () => fs.renameSync(store.layout.growing(id!), store.layout.closed(id!));
    const result = await collect(open(), living);
    assert.equal(result.removedSegments, 0);
    assert.equal((await collect(open(), living)).removedSegments, 1);
  });

  test('cuts off what a killed writer left behind the last record when it closes a segment', async () => {
    const { living, open } = fresh();
    const store = open();
    await addAndClose(store, garbage());
    const [id] = listSegments(store.layout).keys();
    fs.appendFileSync(store.layout.growing(id!), 'half a record');
    const user = open();
    const hold = await user.hold();
    assert.equal((await collect(open(), living)).waitingSegments, 1);
    assert.deepEqual(
      records(store).map(({ kind }) => kind),
      ['record'],
    );
    await hold.release();
    await user.close();
  });

  test('keeps the sound copy of a block that is damaged where else it stands', async () => {
    const { living, open } = fresh();
    const block = garbage();
    const [first, second] = [open(), open()];
    const [digest] = await first.addBatch([block, garbage()]);
    await second.add(block);
    await first.close();
    await second.close();
    const damaged = [...listSegments(first.layout).values()].sort((a, b) => a.sizeBytes - b.sizeBytes)[0]!;
    flip(first.layout.growing(damaged.id), -1);
    living.add(digest!);
    await collect(open(), living);
    const store = open();
    assert.equal((await store.get(digest!)).length, 5000);
    await store.close();
  });

  for (const [what, at] of [
    ['payload', -1],
    ['head', 64 + 10],
  ] as const) {
    test(`keeps a condemned segment while the ${what} of a record that something needs is damaged, and no longer`, async () => {
      const { living, open } = fresh();
      const writer = open();
      const block = garbage();
      const [live] = await writer.addBatch([block]);
      await writer.flush();
      const [alsoLive] = await addAndClose(writer, garbage(), garbage());
      living.add(live!, alsoLive!);
      const [id] = listSegments(writer.layout).keys();
      const file = writer.layout.growing(id!);
      if (what === 'head') {
        flip(file, at);
      } else {
        const [record] = records(writer);
        flip(file, record!.offset + record!.recordBytes - 1);
      }
      for (let run = 0; run < 2; run++) {
        assert.equal((await collect(open(), living)).damagedSegments, 1);
        assert.ok(listSegments(writer.layout).has(id!));
      }
      await addAndClose(open(), block);
      const { damagedSegments, removedSegments } = await collect(open(), living);
      assert.deepEqual([damagedSegments, removedSegments], [0, 1]);
      const store = open();
      for (const digest of [live!, alsoLive!]) assert.equal((await store.get(digest)).length, 5000);
      await store.close();
    });
  }

  test('empties other segments beside one that must stay', async () => {
    const { living, open } = fresh();
    const damaged = open();
    const [lost] = await addAndClose(damaged, garbage(), garbage());
    const [id] = listSegments(damaged.layout).keys();
    fs.renameSync(damaged.layout.growing(id!), damaged.layout.closed(id!));
    flip(damaged.layout.closed(id!), -1);
    const [kept] = await addAndClose(open(), garbage(), garbage());
    living.add(lost!, kept!);
    const result = await collect(open(), living);
    assert.deepEqual([result.damagedSegments, result.removedSegments, result.movedBlocks], [1, 1, 1]);
    assert.ok(listSegments(damaged.layout).has(id!));
  });

  test('waits for the writer of a segment that verify has condemned', async () => {
    const { living, open } = fresh();
    const writer = open();
    const [early] = await writer.addBatch([garbage()]);
    await writer.flush();
    const [id] = listSegments(writer.layout).keys();
    await condemnDamaged(writer, [id!]);
    assert.equal((await collect(open(), living)).waitingSegments, 1);
    await addAndClose(writer, garbage());
    living.add(early!);
    assert.equal((await collect(open(), living)).removedSegments, 1);
    const store = open();
    assert.equal((await store.get(early!)).length, 5000);
    await store.close();
  });
});

function records(store: Datadir) {
  const found = [];
  for (const id of listSegments(store.layout).keys()) {
    const fd = openSegment(store.layout, id)!;
    for (const one of scanSegment(fd, 0, fs.fstatSync(fd).size, 32)) found.push(one as Extract<typeof one, { kind: 'record' }>);
    fs.closeSync(fd);
  }
  return found;
}
