import assert from 'node:assert/strict';
import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { scratchFolder } from '../../test/support/scratch.ts';
import { NewerFormatError } from '../base/errors.ts';
import { type ByteName, nameFromText } from '../base/names.ts';
import { blake3 } from '../hash/blake3.ts';
import { checkCatalogue } from './check/check.ts';
import { migrate, openForReading, openForWriting, schemaVersion } from './database.ts';
import { EventReader } from './history/events.ts';
import { History } from './history/history.ts';
import { versionsOf } from './history/versions.ts';
import { ContentRows } from './keep/content-rows.ts';
import { MIGRATIONS } from './schema.ts';
import { type CatalogueNode, NO_DIRECTORY, type NodeId, type NodeState } from './types.ts';
import { RootRows } from './write/roots.ts';
import { Writer } from './write/writer.ts';

const SECOND = 1_000_000_000n;

/** Every version of the schema that was released. */
const VERSIONS = MIGRATIONS.map((_, at) => at + 1);

describe('a catalogue of an earlier version', () => {
  for (const version of VERSIONS.slice(0, -1)) {
    it(`is brought from version ${version} to the newest, sound and with its whole history`, (context) => {
      const path = fileOf(context);
      const old = makeAt(context, path, version);
      const before = whatIsKnown(old);
      assert.ok(before.events.length > 5);
      old.close();

      using database = openForWriting(path);
      assert.equal(schemaVersion(database), MIGRATIONS.length);
      using newest = openForWriting(fileOf(context));
      assert.deepEqual(schemaOf(database), schemaOf(newest));
      assert.deepEqual(violationsOf(database), []);
      assert.deepEqual(whatIsKnown(database), before);
      changeMore(database);
      assert.deepEqual(violationsOf(database), []);
    });

    it(`stays at version ${version}, with all that is in it, when it cannot be brought to the newest`, (context) => {
      const path = fileOf(context);
      const old = makeAt(context, path, version);
      // What the next step makes is there: it fails, behind what it may have done.
      const next = new DatabaseSync(fileOf(context));
      migrate(next, version + 1);
      const added = schemaOf(next).find(({ name }) => !schemaOf(old).some((each) => each.name === name));
      next.close();
      old.exec(
        added?.type === 'trigger'
          ? `CREATE TRIGGER ${added.name} AFTER DELETE ON node BEGIN SELECT 1; END`
          : `CREATE TABLE ${added?.name} (other)`,
      );
      const before = { known: whatIsKnown(old), schema: schemaOf(old) };
      old.close();

      assert.throws(() => openForWriting(path), /already (exists|a table)/);
      using database = new DatabaseSync(path);
      assert.equal(schemaVersion(database), version);
      assert.deepEqual({ known: whatIsKnown(database), schema: schemaOf(database) }, before);
    });
  }
});

describe('a catalogue that is written', () => {
  const modesOf = (path: string) => ['', '-wal', '-shm'].map((suffix) => statSync(path + suffix).mode & 0o777);

  it('can be read by its owner alone', { skip: process.platform === 'win32' && 'there are no such modes' }, (context) => {
    const path = fileOf(context);
    using _ = openForWriting(path);
    assert.deepEqual(modesOf(path), [0o600, 0o600, 0o600]);
  });

  it('is taken from others when they could read it before', {
    skip: process.platform === 'win32' && 'there are no such modes',
  }, (context) => {
    const path = fileOf(context);
    makeAt(context, path, MIGRATIONS.length);
    chmodSync(path, 0o644);
    using _ = openForWriting(path);
    assert.deepEqual(modesOf(path), [0o600, 0o600, 0o600]);
  });
});

describe('a catalogue of a later version', () => {
  it('is refused, and not touched', (context) => {
    const path = fileOf(context);
    const later = openForWriting(path);
    fill(later);
    later.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    const before = whatIsKnown(later);
    assert.throws(() => openForWriting(path), NewerFormatError);
    assert.throws(() => openForReading(path), NewerFormatError);
    assert.equal(schemaVersion(later), MIGRATIONS.length + 1);
    assert.deepEqual(whatIsKnown(later), before);
    later.close();
  });
});

function fileOf(context: TestContext): string {
  return join(scratchFolder(context), 'catalogue.db');
}

/** A catalogue as the program of that version left it: what today's writer makes, in the tables and columns that there were. */
function makeAt(context: TestContext, path: string, version: number): DatabaseSync {
  const newest = fileOf(context);
  const source = openForWriting(newest);
  fill(source);
  source.close();
  const database = new DatabaseSync(path);
  database.exec('PRAGMA page_size = 8192; PRAGMA journal_mode = WAL');
  migrate(database, version);
  database.prepare('ATTACH ? AS newest').run(newest);
  for (const { name, sql } of schemaOf(database)) {
    if (!/^CREATE TABLE/.test(sql ?? '') || /^(name_|sqlite_)/.test(name)) continue;
    const columns = database.prepare('SELECT name FROM pragma_table_info(?)').all(name);
    const list = columns.map((column) => column.name).join(', ');
    database.exec(`INSERT OR REPLACE INTO ${name} (${list}) SELECT ${list} FROM newest.${name}`);
  }
  database.exec('DETACH newest');
  return database;
}

/** A root with files that were made, changed, moved, deleted and kept, by the real writer. */
function fill(database: DatabaseSync): void {
  const writer = new Writer(database);
  let now = SECOND;
  const cause = () => {
    now += SECOND;
    return { origin: 'live', time: now } as const;
  };
  const node = (id: NodeId) => writer.rows.get(id) as CatalogueNode;
  const make = (parent: NodeId, name: string, kind: NodeState['kind'], isEvent = true) =>
    writer.create({ parent, name: nameFromText(name) }, stateOf(kind, ++inode), isEvent ? cause() : undefined);
  let inode = 0;
  writer.transact(() => {
    const root = make(NO_DIRECTORY, '/root', 'directory', false);
    new RootRows(database).add({ node: root, path: '/root' as ByteName, recursive: true, isScanned: false }, SECOND);
    const letters = make(root, 'letters', 'directory', false);
    const [ann, bob, cy] = ['ann', 'bob', 'cy'].map((name) => make(letters, name, 'file')) as [NodeId, NodeId, NodeId];
    const digest = blake3.hash(Buffer.from('Dear Ann'));
    new ContentRows(database).add({ digest, size: 8, ref: Buffer.from([0]) }, now);
    writer.setDigest(node(ann), digest, cause(), 'seen');
    writer.change(node(ann), { ...node(ann), size: 20, mtime: 2n, ctime: 2n }, cause());
    writer.move(node(bob), { parent: root, name: nameFromText('robert') }, node(bob), cause());
    writer.remove(node(cy), cause());
    const gone = make(root, 'gone', 'directory');
    make(gone, 'with it', 'file');
    writer.remove(node(gone), cause());
  });
}

function changeMore(database: DatabaseSync): void {
  const writer = new Writer(database);
  const known = whatIsKnown(database).events.length;
  writer.transact(() => {
    const root = writer.rows.at({ parent: NO_DIRECTORY, name: '/root' as ByteName }) as CatalogueNode;
    writer.create({ parent: root.id, name: nameFromText('new') }, stateOf('file', 1000), { origin: 'live', time: 1000n * SECOND });
  });
  assert.equal(whatIsKnown(database).events.length, known + 1);
}

function stateOf(kind: NodeState['kind'], inode: number): NodeState {
  const times = { mtime: 1n, ctime: 1n, born: 1n };
  return { kind, size: 10, disk: 8, ...times, mode: 0o755, uid: 0, gid: 0, device: 1, inode: BigInt(inode), links: 1, digest: undefined };
}

/** What is there and what was, as questions are answered. */
function whatIsKnown(database: DatabaseSync) {
  const history = new History(database);
  const events = new EventReader(history, { all: true }).newest(1000);
  const versions = ['/root/letters/ann', '/root/robert', '/root/letters/cy'].map((path) => versionsOf(history, path as ByteName));
  const trees = events.map(({ id }) => history.childrenAt(2, id).map(({ name }) => name));
  return { events, versions, trees };
}

function violationsOf(database: DatabaseSync): string[] {
  const found: string[] = [];
  checkCatalogue(database, ({ problem }) => found.push(problem));
  return found;
}

function schemaOf(database: DatabaseSync): { readonly type: string; readonly name: string; readonly sql: string | null }[] {
  const rows = database.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY name').all();
  return rows as unknown as { type: string; name: string; sql: string | null }[];
}
