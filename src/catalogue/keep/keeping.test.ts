import assert from 'node:assert/strict';
import { mkdirSync, realpathSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { newCatalogue } from '../../../test/support/catalogue.ts';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { stateAt } from '../../../test/support/state-at.ts';
import { until } from '../../../test/support/until.ts';
import { VarveError } from '../../base/errors.ts';
import { type ByteName, nameFromText } from '../../base/names.ts';
import { encodeRef } from '../../block/ref-codec.ts';
import { blake3 } from '../../hash/blake3.ts';
import { MemoryStore } from '../../store/memory.ts';
import type { Store } from '../../store/types.ts';
import { RACY_MS } from '../../tree/save/racy.ts';
import { Paths } from '../look/paths.ts';
import { type CatalogueNode, LIMBO, NO_DIRECTORY, type Place } from '../types.ts';
import { FailureRows } from '../write/failures.ts';
import { Writer } from '../write/writer.ts';
import { ContentRows } from './content-rows.ts';
import { HashQueue } from './hash-queue.ts';
import { Keepers, type KeepersOptions } from './keepers.ts';
import { Keeping } from './keeping.ts';
import { KeptVersions } from './kept-versions.ts';
import { ReleasedRows } from './released-rows.ts';

const CAUSE = { origin: 'live', time: 1n } as const;
const PAUSE_MS = 40;

/** A folder `folder` with a file `file` in a root, known to a catalogue whose files are read when they have been quiet for a moment, and kept where there is a store. */
function kept(context: TestContext, keepersOptions: KeepersOptions = { openStore: undefined, threads: 1 }, quietMs = 50) {
  const keepers = new Keepers(keepersOptions);
  const root = realpathSync(scratchFolder(context));
  mkdirSync(join(root, 'folder'));
  const path = join(root, 'folder/file');
  writeFileSync(path, 'content');
  // Long ago, or it would be read again until it is quiet.
  utimesSync(path, 1, 1);
  const database = newCatalogue(context);
  const writer = new Writer(database);
  const paths = new Paths(database);
  writer.onMoved(() => paths.forget());
  const add = (place: Place, path: string) => writer.transact(() => writer.create(place, stateAt(path), CAUSE));
  const top = add({ parent: NO_DIRECTORY, name: nameFromText(root) }, root);
  const folder = add({ parent: top, name: 'folder' as ByteName }, join(root, 'folder'));
  const file = add({ parent: folder, name: 'file' as ByteName }, path);
  const queue = new HashQueue(database, quietMs);
  const parts = { writer, paths, queue, contents: new ContentRows(database), released: new ReleasedRows(database) };
  const failures = new FailureRows(database);
  const keeping = new Keeping({
    ...{ ...parts, failures, keepers, hash: blake3 },
    flagsOf: () => ({ hash: true, keep: keepersOptions.openStore !== undefined }),
    mayWork: () => true,
    outagePauseMs: PAUSE_MS,
    failedPauseMs: PAUSE_MS,
    onFailure: (error) => assert.fail(error as Error),
  });
  context.after(() => keeping.close());
  keeping.start();
  const node = (id: number) => writer.rows.get(id) as CatalogueNode;
  return { root, database, writer, failures, keepers, keeping, add, top, folder, file, node };
}

/** A store that can be away. */
class Movable {
  isAway = true;
  asked = 0;
  readonly #store = new MemoryStore();

  readonly open = (): Store => {
    this.asked++;
    if (this.isAway) throw new VarveError('STORE_UNREACHABLE', 'the store is away');
    return this.#store;
  };
}

test('a file whose folder was moved before it was read is read as soon as the catalogue knows where it is', async (context) => {
  const { root, writer, keeping, top, folder, file, node } = kept(context);
  renameSync(join(root, 'folder'), join(root, 'elsewhere'));
  keeping.changed(file);
  await until(() => keeping.files === 1);
  const place = { parent: top, name: 'elsewhere' as ByteName };
  writer.transact(() => writer.move(node(folder), place, stateAt(join(root, 'elsewhere')), CAUSE));
  await until(() => node(file).digest !== undefined);
});

test('a file whose folder has left its place is read when it is met again', async (context) => {
  const { root, writer, keeping, top, folder, file, node } = kept(context);
  writer.transact(() => writer.detach(node(folder), CAUSE));
  assert.equal(node(folder).parent, LIMBO);
  keeping.changed(file);
  await until(() => keeping.waiting > 0);
  const place = { parent: top, name: 'folder' as ByteName };
  writer.transact(() => writer.move(node(folder), place, stateAt(join(root, 'folder')), CAUSE));
  await until(() => node(file).digest !== undefined);
});

test('a file that is not found again and again is given up until somebody asks', async (context) => {
  const { root, keeping, file } = kept(context);
  renameSync(join(root, 'folder'), join(root, 'elsewhere'));
  keeping.changed(file);
  await keeping.finish();
  assert.equal(keeping.takeGivenUp(), true);
  assert.equal(keeping.takeGivenUp(), false);
});

test('a file that could not be read is read when it can be, although nothing tells of it', async (context) => {
  const { failures, keepers, keeping, folder, file, node } = kept(context);
  const hash = keepers.hash.bind(keepers);
  let times = 0;
  context.mock.method(keepers, 'hash', async (...asked: Parameters<Keepers['hash']>): ReturnType<Keepers['hash']> => {
    if (++times > 3) return hash(...asked);
    return [{ kind: 'unreadable', code: 'EIO', call: 'read' }];
  });
  keeping.changed(file);
  await until(() => times === 1);
  await until(() => failures.has(folder));
  await until(() => node(file).digest !== undefined);
  assert.equal(times, 4);
});

test('a content has the ref that the archive of versions protects, also where another one was written down', async (context) => {
  const store = new MemoryStore();
  const { root, database, keeping, add, top, node } = kept(context, { openStore: () => store, threads: 0 });
  const path = join(root, 'zeros');
  const bytes = Buffer.alloc(100_000);
  writeFileSync(path, bytes);
  utimesSync(path, 1, 1);
  const zeros = { digest: blake3.hash(bytes), size: bytes.length };
  const [hole, run] = [true, false].map((hole) => encodeRef({ kind: 'run', byte: 0, size: bytes.length, hole })) as [
    Uint8Array,
    Uint8Array,
  ];
  await new KeptVersions(store).add([{ ...zeros, ref: hole }]);
  new ContentRows(database).add({ ...zeros, ref: run }, 1n);
  const file = add({ parent: top, name: 'zeros' as ByteName }, path);
  keeping.changed(file);
  await until(() => node(file).digest !== undefined);
  assert.deepEqual(database.prepare('SELECT ref FROM content WHERE digest = ?').get(zeros.digest)?.ref, hole);
});

test('of a link that stands in the place of another nothing is written down before that is known', async (context) => {
  const { root, writer, keeping, add, top, node } = kept(context);
  const path = join(root, 'link');
  symlinkSync('before', path);
  const link = add({ parent: top, name: 'link' as ByteName }, path);
  symlinkSync('another', join(root, 'other'));
  renameSync(join(root, 'other'), path);
  keeping.changed(link);
  await keeping.finish();
  assert.equal(node(link).digest, undefined);
  writer.transact(() => writer.change(node(link), stateAt(path), CAUSE));
  keeping.changed(link);
  await until(() => node(link).digest !== undefined);
});

test('a file that has changed since it was read, before that was written down, is read again', async (context) => {
  const { root, writer, keepers, keeping, top, file, node } = kept(context);
  const [from, to] = [join(root, 'folder/file'), join(root, 'moved')];
  const commit = keepers.commit.bind(keepers);
  let isMoved = false;
  context.mock.method(keepers, 'commit', async () => {
    if (!isMoved) {
      isMoved = true;
      renameSync(from, to);
      // With what its row has of its digest: a move is no reason to read it.
      writer.transact(() => writer.move(node(file), { parent: top, name: 'moved' as ByteName }, stateAt(to), CAUSE));
    }
    return commit();
  });
  keeping.changed(file);
  await until(() => node(file).digest !== undefined);
  assert.ok(keeping.files > 1, 'it was read once before');
});

test('while the store is away, what was released waits for it as files do', async (context) => {
  const store = new Movable();
  const { database, keeping } = kept(context, { openStore: store.open });
  database.prepare('INSERT INTO released (digest) VALUES (?)').run(blake3.hash(Buffer.from('let go')));
  const left = () => database.prepare('SELECT count(*) AS count FROM released').get()?.count;
  keeping.release();
  await until(() => keeping.outage !== undefined);
  await sleep(5 * PAUSE_MS);
  assert.ok(store.asked <= 4, `${store.asked} attempts`);
  store.isAway = false;
  await until(() => left() === 0);
});

test('an outage is over when the store is there again, although nothing waits for it any more', async (context) => {
  const store = new Movable();
  const { root, writer, keeping, add, top, file, node } = kept(context, { openStore: store.open });
  keeping.changed(file);
  await until(() => keeping.outage !== undefined);
  writer.transact(() => writer.remove(node(file), CAUSE));
  symlinkSync('nowhere', join(root, 'link'));
  const link = add({ parent: top, name: 'link' as ByteName }, join(root, 'link'));
  keeping.changed(link);
  await until(() => node(link).digest !== undefined);
  await sleep(2 * PAUSE_MS);
  assert.equal(keeping.outage?.message, 'the store is away', 'that of a link is no reason to think otherwise');
  store.isAway = false;
  await until(() => keeping.outage === undefined);
});

test('a small file is known while a large one is still being read', async (context) => {
  const { root, keeping, add, top, node } = kept(context, { openStore: undefined, threads: 2, bytesPerSecond: 1 << 20 });
  const addFile = (name: string, sizeBytes: number) => {
    writeFileSync(join(root, name), Buffer.alloc(sizeBytes, name));
    utimesSync(join(root, name), 1, 1);
    return add({ parent: top, name: name as ByteName }, join(root, name));
  };
  const [large, small] = [addFile('large', 30 << 20), addFile('small', 1)];
  await sleep(50);
  keeping.changed(large);
  keeping.changed(small);
  await until(() => node(small).digest !== undefined);
  assert.equal(node(large).digest, undefined);
});

test('whoever waits for what is to be read by now does not wait for a file that goes on changing, which is read no more often for that', async (context) => {
  const { root, keepers, keeping, add, top, file, node } = kept(context, { openStore: undefined, threads: 1 }, 60_000);
  writeFileSync(join(root, 'log'), 'line');
  const log = add({ parent: top, name: 'log' as ByteName }, join(root, 'log'));
  const hash = keepers.hash.bind(keepers);
  let times = 0;
  context.mock.method(keepers, 'hash', async (...asked: Parameters<Keepers['hash']>): ReturnType<Keepers['hash']> => {
    const answers = [...(await hash(...asked))];
    for (const [at, { name }] of asked[0].entries()) {
      if (name !== 'log') continue;
      times++;
      answers[at] = { kind: 'changed' };
    }
    return answers;
  });
  await sleep(RACY_MS);
  keeping.changed(file);
  keeping.changed(log);
  await keeping.catchUp();
  assert.ok(node(file).digest !== undefined);
  assert.deepEqual([times, keeping.waiting, node(log).digest], [1, 1, undefined]);
  await keeping.finish();
  assert.deepEqual([times > 1, node(log).digest], [true, undefined], 'who waits for all of it waits for that not for ever');
});

test('whoever waits for everything to be read hears when it is closed before', async (context) => {
  const { keeping, file } = kept(context, { openStore: undefined, threads: 1, bytesPerSecond: 1 });
  keeping.changed(file);
  const refused = assert.rejects(keeping.finish(), { code: 'CATALOGUE_CLOSED' });
  await until(() => keeping.files > 0 || keeping.waiting > 0);
  await keeping.close();
  await refused;
});

test('that a file could not be read is forgotten when it was', async (context) => {
  const { database, writer, failures, keeping, folder, file } = kept(context);
  writer.transact(() => failures.note(folder, 'file' as ByteName, { code: 'EACCES', call: 'openat' }, 1n));
  keeping.changed(file);
  await until(() => database.prepare('SELECT * FROM failure').all().length === 0);
});
