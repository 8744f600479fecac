/** Copies of the catalogue, and catalogues that were put back from one, over real folders and stores. */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { decodeRef, encodeRef } from '../../src/block/ref-codec.ts';
import type { LiteralRef } from '../../src/block/types.ts';
import { backUpCatalogue } from '../../src/catalogue/copies/backup.ts';
import { dumpCatalogue } from '../../src/catalogue/copies/dump.ts';
import { TABLES } from '../../src/catalogue/copies/dump-format.ts';
import { type RestoreReport, restoreCatalogue } from '../../src/catalogue/copies/restore.ts';
import { openForReading, openForWriting } from '../../src/catalogue/database.ts';
import { UnknownMomentError } from '../../src/catalogue/history/errors.ts';
import { momentOfText } from '../../src/catalogue/history/moments.ts';
import { KeptVersions } from '../../src/catalogue/keep/kept-versions.ts';
import { lastEventNumber, lastNodeNumber } from '../../src/catalogue/numbers.ts';
import { blake3 } from '../../src/hash/blake3.ts';
import type { Store } from '../../src/store/types.ts';
import { wallNs } from '../../src/sys/clock.ts';
import { LockFile } from '../../src/sys/lock-file.ts';
import { assertEqualsDisk, type LiveCatalogue, liveCatalogue } from '../support/live-catalogue.ts';
import { scratchFolder } from '../support/scratch.ts';
import { count, keepIn } from '../support/upkeep-bench.ts';

const LIMIT = { timeout: 60_000 };
/** Longer than a literal, so that it needs the store. */
const LONG = 'and so on '.repeat(10);

/** A home with a folder that is watched, and a store. */
class Home {
  readonly path: string;
  readonly root: string;
  readonly catalogue: string;
  readonly copy: string;
  readonly keep;
  readonly #context: TestContext;

  constructor(context: TestContext) {
    this.#context = context;
    this.path = realpathSync(scratchFolder(context));
    this.root = join(this.path, 'root');
    this.catalogue = join(this.path, 'home/catalogue.db');
    this.copy = join(this.path, 'copy.db');
    this.keep = keepIn(this.path);
    mkdirSync(this.root);
  }

  /** The catalogue at work, when everything was scanned and read. */
  async start(): Promise<LiveCatalogue> {
    const live = await liveCatalogue(this.#context, { home: this.path, service: { keep: this.keep } });
    await live.service.sync();
    await live.service.finish();
    return live;
  }

  async backUp(source: DatabaseSync, replace = false): Promise<void> {
    await backUpCatalogue(source, { catalogue: this.catalogue, file: this.copy, replace });
  }

  async restore(file = this.copy): Promise<RestoreReport> {
    const store = this.keep.openStore?.() as Store;
    const entered = () => new KeptVersions(store).contents();
    try {
      return await restoreCatalogue({ catalogue: this.catalogue, file, entered, now: wallNs() });
    } finally {
      await store.close();
    }
  }

  /** The catalogue while no service runs. */
  open(): DatabaseSync {
    const database = openForReading(this.catalogue) as DatabaseSync;
    this.#context.after(() => database.close());
    return database;
  }

  /** Has the store keep none of the contents that were kept by now. */
  async letGo(): Promise<void> {
    const store = this.keep.openStore?.() as Store;
    const versions = new KeptVersions(store);
    for await (const contents of versions.contents()) await versions.remove(contents.map(({ digest }) => digest));
    await store.close();
  }
}

function identityOf(database: DatabaseSync): unknown {
  return database.prepare("SELECT value FROM property WHERE name = 'identity'").get()?.value;
}

describe('a copy of the catalogue', LIMIT, () => {
  it('is of one moment, also while it is being written', async (context) => {
    const home = new Home(context);
    const { service, reader } = await home.start();
    let isDone = false;
    const writing = (async () => {
      for (let i = 0; !isDone; i++) {
        mkdirSync(join(home.root, `${i}`));
        writeFileSync(join(home.root, `${i}/file`), 'x'.repeat(i % 1000));
        await service.sync();
      }
    })();
    // Sums that do not belong to their rows would be violations, and refused.
    for (let i = 0; i < 10; i++) await home.backUp(reader, i > 0);
    isDone = true;
    await writing;
    assert.deepEqual(
      readdirSync(home.path).filter((name) => name.includes('copy')),
      ['copy.db'],
    );
  });

  it('takes away what a dead process has left of one, and nothing else', async (context) => {
    const home = new Home(context);
    const { reader } = await home.start();
    const folders = ['dead', 'living', 'unknown'].map((name, i) => {
      const folder = join(home.path, `copy.db.0000000${i}-0000-4000-8000-000000000000.tmp`);
      mkdirSync(folder);
      writeFileSync(join(folder, 'copy.db'), name);
      return folder;
    });
    const [dead, living, unknown] = folders as [string, string, string];
    writeFileSync(join(dead, 'lock'), '');
    const lock = LockFile.try(join(living, 'lock'));
    const other = join(home.path, 'copy.db.notes.tmp');
    writeFileSync(other, 'a letter');
    await home.backUp(reader);
    assert.deepEqual([dead, living, unknown, other].map(existsSync), [false, true, true, true]);
    lock?.release();
    await home.backUp(reader, true);
    assert.deepEqual([living, unknown, other].map(existsSync), [false, true, true]);
  });

  it('replaces no file unless that is asked for', async (context) => {
    const home = new Home(context);
    const { reader } = await home.start();
    writeFileSync(home.copy, 'a letter');
    await assert.rejects(home.backUp(reader), { code: 'EXISTS' });
    assert.equal(readFileSync(home.copy, 'utf8'), 'a letter');
    await home.backUp(reader, true);
    assert.match(readFileSync(home.copy, 'latin1').slice(0, 16), /^SQLite format 3/);
  });

  it('never takes the place of the catalogue itself', async (context) => {
    const home = new Home(context);
    const { reader } = await home.start();
    symlinkSync(home.catalogue, home.copy);
    await assert.rejects(home.backUp(reader, true), { code: 'USAGE' });
  });

  it('is not made of a catalogue that is not sound', async (context) => {
    const home = new Home(context);
    const { reader, close } = await home.start();
    await home.backUp(reader);
    await close();
    const writer = openForWriting(home.catalogue);
    writer.exec('UPDATE directory SET size = size + 1');
    await assert.rejects(home.backUp(writer, true), { code: 'CATALOGUE_DAMAGED' });
    writer.close();
    await home.restore();
    assertEqualsDisk(await home.start());
  });
});

describe('a catalogue that was put back from a copy', LIMIT, () => {
  it('finds what has changed since, within a gap, and keeps what it knew before', async (context) => {
    const home = new Home(context);
    writeFileSync(join(home.root, 'changed'), 'old');
    writeFileSync(join(home.root, 'removed'), '');
    writeFileSync(join(home.root, 'moved'), 'goes elsewhere');
    const first = await home.start();
    appendFileSync(join(home.root, 'changed'), ' and older');
    await first.service.finish();
    await first.service.sync();
    await home.backUp(first.reader);
    const moved = first.reader.prepare("SELECT id FROM node WHERE name = CAST('moved' AS BLOB)").get()?.id;
    const events = lastEventNumber(first.reader);
    const identity = identityOf(first.reader);
    appendFileSync(join(home.root, 'changed'), ' and oldest');
    rmSync(join(home.root, 'removed'));
    renameSync(join(home.root, 'moved'), join(home.root, 'gone elsewhere'));
    await first.service.sync();
    await first.close();

    await home.restore();
    const { reader } = await home.start();
    assertEqualsDisk({ root: home.root, reader });
    assert.notEqual(identityOf(reader), identity, 'whoever remembers it by that looks at everything');
    assert.equal(count(reader, `event WHERE id <= ${events}`), events);
    assert.equal(reader.prepare("SELECT id FROM node WHERE name = CAST('gone elsewhere' AS BLOB)").get()?.id, moved);
    const [gap] = reader
      .prepare("SELECT closed IS NOT NULL AS isClosed, found FROM gap WHERE reason = 'not running' ORDER BY id DESC")
      .all();
    assert.deepEqual({ ...gap }, { isClosed: 1, found: 3 });
  });

  it('gives no number again that was given since the copy, and refuses moments of that time', async (context) => {
    const home = new Home(context);
    const first = await home.start();
    writeFileSync(join(home.root, 'before'), '');
    const { moment: before } = await first.service.sync();
    await home.backUp(first.reader);
    for (const name of ['a', 'b', 'c']) writeFileSync(join(home.root, name), '');
    const { moment: lost } = await first.service.sync();
    const node = lastNodeNumber(first.reader);
    await first.close();

    await home.restore();
    const second = await home.start();
    const { moment: now } = await second.service.sync();
    const { reader } = second;
    assert.equal(count(reader, `event WHERE id > ${before} AND id <= ${lost}`), 0);
    assert.equal(count(reader, `node WHERE id > ${node}`), 3);
    assert.throws(() => momentOfText(reader, String(lost)), UnknownMomentError);
    assert.throws(() => momentOfText(reader, String(now + 1)), UnknownMomentError);
    assert.equal(momentOfText(reader, String(before)), before);
    assert.equal(momentOfText(reader, String(now)), now);
  });

  it('gives no number again when it is put back again from the same copy, without the one in between', async (context) => {
    const home = new Home(context);
    const first = await home.start();
    writeFileSync(join(home.root, 'file'), '');
    await first.service.sync();
    await home.backUp(first.reader);
    await first.close();
    const moments: number[] = [];
    for (let i = 0; i < 3; i++) {
      await home.restore();
      const live = await home.start();
      writeFileSync(join(home.root, `another ${i}`), '');
      moments.push((await live.service.sync()).moment);
      for (const moment of moments.slice(0, -1)) assert.throws(() => momentOfText(live.reader, String(moment)), UnknownMomentError);
      await live.close();
      if (i === 1) writeFileSync(home.catalogue, 'damaged');
    }
    assert.deepEqual(new Set(moments).size, 3);
  });

  it('calls kept what the store keeps now, and nothing that it has let go since', async (context) => {
    const home = new Home(context);
    writeFileSync(join(home.root, 'old'), `kept before the copy, ${LONG}`);
    const first = await home.start();
    await home.backUp(first.reader);
    rmSync(join(home.root, 'old'));
    await first.service.sync();
    await first.close();
    await home.letGo();
    writeFileSync(join(home.root, 'new'), `kept since the copy, ${LONG}`);
    const second = await home.start();
    assert.equal(count(second.reader, 'content'), 2);
    rmSync(join(home.root, 'new'));
    await second.service.sync();
    await second.close();

    const { contents } = await home.restore();
    assert.deepEqual(contents, { kept: 1, lost: 1 });
    const known = home.open().prepare('SELECT size FROM content').all();
    assert.deepEqual(
      known.map(({ size }) => size),
      [`kept since the copy, ${LONG}`.length],
    );
  });

  it('has every content by the ref that the store protects', async (context) => {
    const home = new Home(context);
    const bytes = Buffer.alloc(100_000);
    writeFileSync(join(home.root, 'zeros'), bytes);
    const first = await home.start();
    await home.backUp(first.reader);
    await first.close();
    await home.letGo();
    const store = home.keep.openStore?.() as Store;
    const ref = encodeRef({ kind: 'run', byte: 0, size: bytes.length, hole: true });
    await new KeptVersions(store).add([{ digest: blake3.hash(bytes), size: bytes.length, ref }]);
    await store.close();
    assert.deepEqual((await home.restore()).contents, { kept: 1, lost: 0 });
    assert.deepEqual(home.open().prepare('SELECT ref FROM content').get()?.ref, ref);
  });

  it('knows where links led, which the store does not keep', async (context) => {
    const home = new Home(context);
    symlinkSync('before', join(home.root, 'link'));
    const first = await home.start();
    await home.backUp(first.reader);
    symlinkSync('since', join(home.root, 'other'));
    await first.service.sync();
    await first.service.finish();
    await first.close();
    assert.deepEqual((await home.restore()).contents, { kept: 2, lost: 0 });
    const refs = home.open().prepare('SELECT ref FROM content').all();
    const targets = refs.map(({ ref }) => Buffer.from((decodeRef(ref as Uint8Array) as LiteralRef).bytes).toString());
    assert.deepEqual(targets.sort(), ['before', 'since']);
  });

  it('keeps again what is there and was let go', async (context) => {
    const home = new Home(context);
    writeFileSync(join(home.root, 'letter'), `Dear Ann, ${LONG}`);
    const first = await home.start();
    await home.backUp(first.reader);
    await first.close();
    await home.letGo();
    assert.deepEqual((await home.restore()).contents, { kept: 0, lost: 1 });
    const { reader } = await home.start();
    assert.equal(count(reader, 'content JOIN node USING (digest)'), 1);
  });

  it('leaves the one before beside it, which can be put back in the same way', async (context) => {
    const home = new Home(context);
    const first = await home.start();
    await home.backUp(first.reader);
    writeFileSync(join(home.root, 'later'), 'kept since');
    await first.service.sync();
    await first.service.finish();
    const events = count(first.reader, 'event');
    await first.close();
    const { replaced } = await home.restore();
    assert.deepEqual((await home.restore(replaced)).contents, { kept: 1, lost: 0 });
    assert.equal(count(home.open(), 'event'), events);
  });

  it('takes the place of one that is damaged, or of none', async (context) => {
    const home = new Home(context);
    writeFileSync(join(home.root, 'file'), 'content');
    const first = await home.start();
    await home.backUp(first.reader);
    await first.close();
    truncateSync(home.catalogue, 20_000);
    const report = await home.restore();
    assert.deepEqual([report.wasReadable, report.contents], [false, { kept: 1, lost: 0 }]);
    rmSync(home.catalogue);
    assert.equal((await home.restore()).replaced, undefined);
    assertEqualsDisk(await home.start());
  });

  it('is refused what is no sound copy, and stays as it is', async (context) => {
    const home = new Home(context);
    writeFileSync(join(home.root, 'file'), 'content');
    const first = await home.start();
    await home.backUp(first.reader);
    await first.close();
    const before = readFileSync(home.catalogue);
    const bad = join(home.path, 'bad.db');
    const refused = async (change: () => void, error: object) => {
      copyFileSync(home.copy, bad);
      change();
      await assert.rejects(home.restore(bad), error);
      assert.deepEqual(readFileSync(home.catalogue), before);
      assert.deepEqual(
        readdirSync(join(home.path, 'home')).filter((name) => /restoring|replaced/.test(name)),
        [],
      );
    };
    const execute = (sql: string) => {
      const database = openForWriting(bad);
      database.exec(`PRAGMA journal_mode = DELETE; ${sql}`);
      database.close();
    };
    const unusable = { code: 'UNUSABLE_COPY' };
    await refused(() => writeFileSync(bad, 'Dear Ann'), unusable);
    await refused(() => writeFileSync(bad, ''), unusable);
    await refused(() => truncateSync(bad, 30_000), unusable);
    await refused(() => execute('PRAGMA application_id = 1'), unusable);
    await refused(() => execute('UPDATE directory SET files = files + 1'), unusable);
    await refused(() => execute('PRAGMA user_version = 99'), { code: 'NEWER_FORMAT' });
    await refused(() => rmSync(bad), { code: 'ENOENT' });
  });
});

describe('a dump of the catalogue', LIMIT, () => {
  const dump = (database: DatabaseSync): string => {
    let text = '';
    dumpCatalogue(database, new Date(), (lines) => {
      text += lines;
    });
    return text;
  };
  const rows = (database: DatabaseSync) =>
    Object.fromEntries(
      TABLES.map((table) => {
        const statement = database.prepare(
          `SELECT * FROM ${table} ${table === 'property' ? "WHERE name IN ('listingKey', 'observedUntil')" : ''}`,
        );
        statement.setReadBigInts(true);
        return [table, statement.all()];
      }),
    );

  it('is all that there is, so that the catalogue can be made from it', async (context) => {
    const home = new Home(context);
    writeFileSync(Buffer.from(`${home.root}/b\xff\\d\n`, 'latin1'), 'a name that is no text');
    const first = await home.start();
    writeFileSync(join(home.root, 'file'), 'content');
    await first.service.sync();
    await first.service.finish();
    rmSync(join(home.root, 'file'));
    await first.close();
    const writer = openForWriting(home.catalogue);
    writer.exec('INSERT INTO unread SELECT id FROM node WHERE kind = 8');
    writer.close();
    const known = rows(home.open());
    const file = join(home.path, 'dump.json');
    writeFileSync(file, dump(home.open()));
    for (let i = 0; i < 2; i++) {
      await home.restore(file);
      assert.deepEqual(rows(home.open()), known);
      writeFileSync(file, dump(home.open()));
    }
    const kept = join(home.path, 'home');
    for (const name of readdirSync(kept)) if (/^catalogue/.test(name)) assert.equal(statSync(join(kept, name)).mode & 0o077, 0, name);
    assertEqualsDisk(await home.start());
  });

  it('has every table that is not derived', async (context) => {
    const home = new Home(context);
    const { reader } = await home.start();
    const tables = reader
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'")
      .all()
      .map(({ name }) => String(name))
      .filter((name) => !/^name_(?:page|changed|trigram)/.test(name));
    assert.deepEqual(TABLES.toSorted(), tables.sort());
  });

  it('is refused when it was cut short or changed', async (context) => {
    const home = new Home(context);
    writeFileSync(join(home.root, 'file'), 'content');
    const { reader, close } = await home.start();
    const whole = dump(reader);
    await close();
    const file = join(home.path, 'dump.json');
    const lines = whole.trimEnd().split('\n');
    for (const text of [
      lines.slice(0, -1).join('\n'),
      lines.slice(1).join('\n'),
      lines.toSpliced(3, 1).join('\n'),
      whole.replace('"size":7', '"size":8'),
      whole.slice(0, -20),
      `${whole}{}`,
      whole.replace('"table":"root"', '"table":"sqlite_schema"'),
    ]) {
      assert.notEqual(text, whole);
      writeFileSync(file, text);
      await assert.rejects(home.restore(file), { code: 'UNUSABLE_COPY' });
    }
  });
});
