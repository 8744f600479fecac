import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { CatalogueFill, DIRECTORY, FILE } from '../../../test/support/catalogue/fill.ts';
import { fillInvented } from '../../../test/support/catalogue/invented-tree.ts';
import { campaignRandom } from '../../../test/support/random.ts';
import { scratchFolder } from '../../../test/support/scratch.ts';
import type { ByteName } from '../../base/names.ts';
import { blake3 } from '../../hash/blake3.ts';
import { openForReading, openForWriting } from '../database.ts';
import { MIGRATIONS } from '../schema.ts';
import type { NodeId } from '../types.ts';
import { NodeRows } from '../write/node-rows.ts';
import { type DuplicatesQuestion, duplicates } from './duplicates.ts';
import { nodeAt } from './places.ts';
import { safety } from './safe.ts';

const LINK = 10;

const digestOf = (content: string) => blake3.hash(Buffer.from(content));

describe('duplicates', () => {
  it('are what comparing all digests finds', (context) => {
    const random = campaignRandom(context);
    const database = catalogue(context, (fill) => fillInvented(fill, random, 800));
    const rows = database.prepare('SELECT digest, size FROM node WHERE digest IS NOT NULL AND size > 0 AND kind = 8').all();
    const expected = new Map<string, number>();
    for (const { digest } of rows) {
      const key = Buffer.from(digest as Uint8Array).toString('hex');
      expected.set(key, (expected.get(key) ?? 0) + 1);
    }
    const found = [...duplicates(database)];
    assert.deepEqual(
      new Map(found.map(({ digest, copies }) => [Buffer.from(digest).toString('hex'), copies])),
      new Map([...expected].filter(([, count]) => count > 1)),
    );
    assert.deepEqual(
      found.map(({ waste }) => waste),
      found.map(({ waste }) => waste).sort((a, b) => b - a),
    );
  });

  it('count several links to one file as one copy', (context) => {
    const database = catalogue(context, (fill) => {
      const root = fill.root('/r' as ByteName);
      const linked = { type: FILE, size: 9, digest: digestOf('x'), inode: 77n, links: 2 };
      fill.add(root, 'a' as ByteName, linked);
      fill.add(root, 'b' as ByteName, linked);
      fill.add(root, 'c' as ByteName, { ...linked, inode: 78n, links: 1 });
      fill.add(root, 'd' as ByteName, { ...linked, inode: 77n, device: 2 });
    });
    const [group, ...others] = [...duplicates(database)];
    assert.deepEqual([group?.copies, group?.waste, group?.paths, others], [3, 18, ['/r/a', '/r/c', '/r/d'], []]);
  });

  it('are files, and no links that lead to the same place', (context) => {
    const database = catalogue(context, (fill) => {
      const root = fill.root('/r' as ByteName);
      for (const name of ['a', 'b']) fill.add(root, name as ByteName, { type: LINK, size: 9, digest: digestOf('x') });
      for (const name of ['c', 'd']) fill.add(root, name as ByteName, { type: FILE, size: 9, digest: digestOf('x') });
      fill.add(root, 'e' as ByteName, { type: LINK, size: 9, digest: digestOf('y') });
      fill.add(root, 'f' as ByteName, { type: FILE, size: 9, digest: digestOf('y') });
    });
    for (const minBytes of [0, 1])
      assert.deepEqual(
        [...duplicates(database, { minBytes })].map(({ paths }) => paths),
        [['/r/c', '/r/d']],
      );
  });

  it('are named byte by byte, also where that is no text', (context) => {
    const names = ['a\xff', 'b', '\xc3\xa9', '\xef\xbf\xbd'];
    const database = catalogue(context, (fill) => {
      const root = fill.root('/r' as ByteName);
      for (const name of names) fill.add(root, name as ByteName, { type: FILE, size: 1, digest: digestOf('x') });
      for (const name of ['c\xc3\xa9', 'd']) fill.add(root, name as ByteName, { type: FILE, size: 1, digest: digestOf('y') });
    });
    assert.deepEqual(
      [...duplicates(database)].map(({ paths }) => paths),
      [names.map((name) => `/r/${name}`), ['/r/c\xc3\xa9', '/r/d']],
    );
  });

  it('are known as files get, change and lose their digests', (context) => {
    const random = campaignRandom(context);
    const database = catalogue(context, (fill) => fillInvented(fill, random, 200));
    const rows = new NodeRows(database);
    const ids = database
      .prepare('SELECT id FROM node WHERE kind = 8')
      .all()
      .map(({ id }) => id as NodeId);
    for (let i = 0; i < 300; i++) {
      const node = rows.get(random.pick(ids));
      if (node === undefined) continue;
      if (random.chance(0.2)) rows.delete(node.id);
      else rows.update(node, { ...node, size: 1, digest: random.chance(0.2) ? undefined : digestOf(`content ${random.below(40)}`) });
    }
    const byDigest = Map.groupBy(
      database.prepare('SELECT id, digest FROM node WHERE digest IS NOT NULL AND size > 0 AND kind = 8').all(),
      ({ digest }) => Buffer.from(digest as Uint8Array).toString('hex'),
    );
    const twins = [...byDigest.values()].filter(({ length }) => length > 1).flatMap((nodes) => nodes.map(({ id }) => id));
    assert.deepEqual(
      database
        .prepare('SELECT id FROM node WHERE twin = 1')
        .all()
        .map(({ id }) => id)
        .sort(),
      twins.sort(),
    );
  });

  it('are the same in a catalogue of an older version, before and after a writer has opened it', (context) => {
    const path = join(scratchFolder(context), 'catalogue.db');
    const old = new DatabaseSync(path);
    for (const migration of MIGRATIONS.slice(0, 2)) old.exec(migration);
    old.exec(`PRAGMA application_id = ${0x56617276}; PRAGMA user_version = 2; INSERT INTO root (node, path, added) VALUES (1, x'2f72', 0)`);
    const insert = old.prepare(`INSERT INTO node VALUES (?, ?, ?, ?, 3, 8, 0, 0, 0, 0, 0, 0, 1, ?, 1, ?)`);
    insert.run(1, 0, Buffer.from('/r'), DIRECTORY, 1, null);
    for (const [i, name] of ['a', 'b', 'c'].entries())
      insert.run(i + 2, 1, Buffer.from(name), FILE, i + 2, digestOf(name === 'b' ? 'b' : 'ac'));
    old.close();
    for (const open of [openForReading, openForWriting, openForReading]) {
      using database = open(path) ?? assert.fail('there is a catalogue');
      assert.deepEqual(
        [...duplicates(database)].map(({ paths }) => paths),
        [['/r/a', '/r/c']],
      );
    }
  });

  it('come the most wasteful first, also where links make several names waste less than their number says', (context) => {
    const database = catalogue(context, (fill) => {
      const root = fill.root('/r' as ByteName);
      for (const size of Array.from({ length: 40 }, (_, i) => i + 1)) {
        const digest = digestOf(`${size}`);
        for (const name of ['a', 'b', 'c', 'd']) {
          const isLink = size % 2 === 0 && name !== 'a';
          fill.add(root, `${name}${size}` as ByteName, { type: FILE, size, digest, ...(isLink && { inode: BigInt(1000 + size) }) });
        }
      }
    });
    const waste = [...duplicates(database)].map((group) => group.waste);
    const expected = Array.from({ length: 40 }, (_, i) => (i + 1) * (i % 2 === 0 ? 3 : 1)).sort((a, b) => b - a);
    assert.deepEqual(waste, expected);
  });

  it('leave out what is empty, too small, or elsewhere', (context) => {
    const database = catalogue(context, (fill) => {
      const root = fill.root('/r' as ByteName);
      const folder = fill.add(root, 'in' as ByteName, { type: DIRECTORY, size: 4096 });
      for (const [content, size] of [
        ['', 0],
        ['small', 5],
        ['larger', 6],
      ] as const) {
        for (const parent of [root, folder]) fill.add(parent, `1${content}` as ByteName, { type: FILE, size, digest: digestOf(content) });
        fill.add(folder, `2${content}` as ByteName, { type: FILE, size, digest: digestOf(content) });
      }
    });
    assert.deepEqual(sizes(database, {}), [
      [6, 3],
      [5, 3],
    ]);
    assert.deepEqual(sizes(database, { minBytes: 6 }), [[6, 3]]);
    assert.deepEqual(sizes(database, { below: ['/r/in' as ByteName] }), [
      [6, 2],
      [5, 2],
    ]);
    assert.deepEqual(sizes(database, { below: ['/nowhere' as ByteName] }), []);
  });

  it('name the outermost identical folders, and files in further copies of them no more', (context) => {
    const database = catalogue(context, (fill) => {
      const root = fill.root('/r' as ByteName);
      for (const name of ['one', 'two']) fillProject(fill, fill.add(root, name as ByteName, { type: DIRECTORY, size: 4096 }));
      fill.add(root, 'alone' as ByteName, { type: FILE, size: 5, digest: digestOf('lib') });
    });
    const found = [...duplicates(database, { folders: true })].map(({ kind, paths, waste }) => [kind, paths, waste]);
    assert.deepEqual(found, [
      ['directory', ['/r/one', '/r/two'], 15],
      ['directory', ['/r/one/lib', '/r/one/lib2'], 5],
      ['file', ['/r/one/lib/a', '/r/alone'], 5],
    ]);
  });

  it('do not include folders of which a file is not hashed, or all files are links', (context) => {
    const database = catalogue(context, (fill) => {
      const root = fill.root('/r' as ByteName);
      for (const name of ['one', 'two', 'three', 'four']) {
        const folder = fill.add(root, name as ByteName, { type: DIRECTORY, size: 4096 });
        const isLinked = name === 'one' || name === 'two';
        fill.add(folder, 'f' as ByteName, { type: FILE, size: 9, ...(isLinked ? { digest: digestOf('f'), inode: 5n } : {}) });
      }
    });
    assert.deepEqual([...duplicates(database, { folders: true })], []);
  });
});

describe('safe', () => {
  it('lists what is neither kept nor in another root', (context) => {
    const database = catalogue(context, (fill) => {
      const root = fill.root('/r' as ByteName);
      const other = fill.root('/backup' as ByteName);
      const folder = fill.add(root, 'f' as ByteName, { type: DIRECTORY, size: 4096 });
      fill.add(folder, 'kept' as ByteName, { type: FILE, size: 1, digest: digestOf('kept') });
      fill.add(folder, 'copied' as ByteName, { type: FILE, size: 2, digest: digestOf('copied') });
      fill.add(other, 'copy' as ByteName, { type: FILE, size: 2, digest: digestOf('copied') });
      fill.add(folder, 'lonely' as ByteName, { type: FILE, size: 4, digest: digestOf('lonely') });
      fill.add(root, 'lonely too' as ByteName, { type: FILE, size: 4, digest: digestOf('lonely') });
      fill.add(folder, 'new' as ByteName, { type: FILE, size: 8 });
      fill.add(folder, 'empty' as ByteName, { type: FILE, size: 0 });
    });
    database.prepare("INSERT INTO content VALUES (?, 1, x'', 0)").run(digestOf('kept'));
    const questions = safety(database, nodeAt(database, '/r/f' as ByteName) as NodeId);
    const found: unknown[] = [];
    let step = questions.next();
    for (; !step.done; step = questions.next()) found.push([step.value.path, step.value.why]);
    assert.deepEqual(found, [
      ['/r/f/lonely', 'only here'],
      ['/r/f/new', 'unhashed'],
    ]);
    assert.deepEqual(step.value, { files: 4, bytes: 15, keptFiles: 1, copiedFiles: 1, unsafeFiles: 2, unsafeBytes: 12, unseen: 0 });
  });

  it('counts no copy that is the same file, could not be read, waits to be read, or lies where changes may have been missed', (context) => {
    const names = ['same', 'failed', 'closed', 'waiting', 'gone', 'sound'];
    const database = catalogue(context, (fill) => {
      const home = fill.root('/r' as ByteName);
      const other = fill.root('/other' as ByteName);
      const closed = fill.add(other, 'folder' as ByteName, { type: DIRECTORY, size: 4096 });
      const away = fill.root('/away' as ByteName);
      for (const [i, name] of names.entries()) {
        const file = { type: FILE, size: 1, digest: digestOf(name), inode: BigInt(1000 + i) };
        fill.add(home, name as ByteName, file);
        fill.add(name === 'gone' ? away : name === 'closed' ? closed : other, name as ByteName, {
          ...file,
          inode: BigInt((name === 'same' ? 1000 : 2000) + i),
        });
      }
    });
    const idOf = (path: string) => nodeAt(database, path as ByteName) as NodeId;
    const fail = database.prepare("INSERT INTO failure (node, name, code, call, first, last, count) VALUES (?, ?, 'EIO', 'read', 1, 1, 1)");
    fail.run(idOf('/other'), Buffer.from('failed'));
    fail.run(idOf('/other/folder'), Buffer.from('.'));
    database.prepare('INSERT INTO unread VALUES (?)').run(idOf('/other/waiting'));
    const open = database.prepare('INSERT INTO gap (root, reason, opened) SELECT id, ?, 1 FROM root WHERE path = CAST(? AS BLOB)');
    open.run('root gone', '/away');
    open.run('loss untold', '/other');
    assert.deepEqual(
      [...safety(database, idOf('/r'))].map(({ path, why }) => [path, why]).sort(),
      ['closed', 'failed', 'gone', 'same', 'waiting'].map((name) => [`/r/${name}`, 'only here']),
    );
  });

  it('takes the content of a file that waits to be read again for unknown', (context) => {
    const database = catalogue(context, (fill) => {
      const [home, other] = ['/r', '/other'].map((path) => fill.root(path as ByteName)) as [number, number];
      for (const name of ['kept', 'copied']) fill.add(home, name as ByteName, { type: FILE, size: 1, digest: digestOf(name) });
      fill.add(other, 'copy' as ByteName, { type: FILE, size: 1, digest: digestOf('copied') });
    });
    database.prepare("INSERT INTO content VALUES (?, 1, x'', 0)").run(digestOf('kept'));
    const home = nodeAt(database, '/r' as ByteName) as NodeId;
    assert.deepEqual([...safety(database, home)], []);
    database.prepare('INSERT INTO unread SELECT id FROM node WHERE parent = ?').run(home);
    assert.deepEqual(
      [...safety(database, home)].map(({ path, why }) => [path, why]).sort(),
      ['copied', 'kept'].map((name) => [`/r/${name}`, 'unhashed']),
    );
  });

  it('lists what could not be seen, and where changes may have been missed', (context) => {
    const kept = { type: FILE, size: 1, digest: digestOf('kept') };
    const database = catalogue(context, (fill) => {
      const folder = fill.add(fill.root('/r' as ByteName), 'f' as ByteName, { type: DIRECTORY, size: 4096 });
      for (const name of ['closed', 'new']) fill.add(folder, name as ByteName, { type: DIRECTORY, size: 4096 });
      for (const name of ['kept', 'unread']) fill.add(folder, name as ByteName, kept);
    });
    database.prepare("INSERT INTO content VALUES (?, 1, x'', 0)").run(digestOf('kept'));
    const idOf = (path: string) => nodeAt(database, path as ByteName) as NodeId;
    database.prepare('UPDATE directory SET listed = NULL WHERE node IN (?, ?)').run(idOf('/r/f/new'), idOf('/r/f/closed'));
    const fail = database.prepare(
      "INSERT INTO failure (node, name, code, call, first, last, count) VALUES (?, ?, 'EACCES', 'open', 1, 1, 1)",
    );
    fail.run(idOf('/r/f/closed'), Buffer.from('.'));
    fail.run(idOf('/r/f'), Buffer.from('unread'));
    database.exec("INSERT INTO gap (root, reason, opened) SELECT id, 'overflow', 1 FROM root");
    const found = [...safety(database, idOf('/r/f'))].map(({ path, why, code }) => [path, why, code]);
    assert.deepEqual(found.sort(), [
      ['/r', 'gap', 'overflow'],
      ['/r/f/closed', 'unread', 'EACCES'],
      ['/r/f/new', 'unlisted', undefined],
      ['/r/f/unread', 'unread', 'EACCES'],
    ]);
  });

  it('answers for a single file', (context) => {
    const database = catalogue(context, (fill) => fill.add(fill.root('/r' as ByteName), 'f' as ByteName, { type: FILE, size: 1 }));
    assert.deepEqual([...safety(database, 2)], [{ path: '/r/f', size: 1, why: 'unhashed' }]);
  });
});

function catalogue(context: TestContext, fillIn: (fill: CatalogueFill) => void): DatabaseSync {
  const database = openForWriting(join(scratchFolder(context), 'catalogue.db'));
  context.after(() => database.close());
  const fill = new CatalogueFill(database);
  fillIn(fill);
  fill.finish();
  return database;
}

/** Two folders that are alike, and one that is not. */
function fillProject(fill: CatalogueFill, folder: NodeId): void {
  for (const name of ['lib', 'lib2']) {
    const below = fill.add(folder, name as ByteName, { type: DIRECTORY, size: 4096 });
    fill.add(below, 'a' as ByteName, { type: FILE, size: 5, digest: digestOf('lib') });
  }
  fill.add(folder, 'main' as ByteName, { type: FILE, size: 5, digest: digestOf('main') });
}

function sizes(database: DatabaseSync, question: DuplicatesQuestion): [size: number, copies: number][] {
  return [...duplicates(database, question)].map(({ size, copies }) => [size, copies]);
}
