import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { type ModelNode, NaiveWriter, placeIn, type Snapshot } from '../../../test/support/catalogue/naive-writer.ts';
import { newCatalogue } from '../../../test/support/catalogue/open-catalogue.ts';
import { randomHistory } from '../../../test/support/catalogue/random-history.ts';
import { campaignRandom } from '../../../test/support/random.ts';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { type ByteName, nameFromText } from '../../base/names.ts';
import { openForReading, openForWriting } from '../database.ts';
import { blame } from './blame.ts';
import { commits } from './commits.ts';
import { EventReader } from './events.ts';
import { History } from './history.ts';
import { versionsOf } from './versions.ts';

const ROOT = nameFromText('/root');
const path = (text: string): ByteName => nameFromText(`/root/${text}`);

describe('events of the past', () => {
  it('have the paths that were right at their time', (context) => {
    const database = newCatalogue(context);
    const { recorded } = randomHistory(database, campaignRandom(context), 150);
    const history = new History(database);
    const events = new EventReader(history, { all: true }).newest(Number.MAX_SAFE_INTEGER);
    assert.deepEqual(
      events.map(({ id }) => id),
      Array.from(events, (_, i) => i + 1),
    );
    for (const event of events) {
      const at = recorded.findIndex((moment) => moment.event >= event.id);
      const before = pathIn(recorded[at - 1]?.tree, event.node);
      const after = pathIn(recorded[at]?.tree, event.node);
      if (event.kind === 'deleted') assert.equal(event.path, before);
      else assert.equal(event.path, after);
      if (event.kind === 'moved') assert.equal(event.from, before);
    }
  });

  it('of a path are those of everything that was ever in it', (context) => {
    const { writer, history, folder, file } = folderWithFile(context);
    writer.record(() => writer.move(folder, placeIn(writer.root, 'renamed')));
    writer.record(() => writer.modify(file, 'second'));
    writer.record(() => writer.move(file, placeIn(writer.root, 'outside')));
    writer.record(() => writer.modify(file, 'third'));
    const seen = new EventReader(history, { path: path('renamed') }).newest(10).map(({ kind, path }) => `${kind} ${path}`);
    assert.deepEqual(seen, [
      'created /root/folder',
      'created /root/folder/file',
      'moved /root/renamed',
      'modified /root/renamed/file',
      'moved /root/outside',
    ]);
  });

  it('of a path go on in what had it before, where that has come to lie in it', (context) => {
    const { writer, history, folder, file } = folderWithFile(context);
    writer.record(() => writer.move(folder, placeIn(writer.root, 'old')));
    let newer = 0;
    writer.record(() => {
      newer = writer.create(placeIn(writer.root, 'folder'), 'directory');
    });
    writer.record(() => writer.modify(file, 'elsewhere'));
    writer.record(() => writer.move(folder, placeIn(newer, 'old')));
    writer.record(() => writer.modify(file, 'second'));
    const seen = new EventReader(history, { path: path('folder') }).newest(10).map(({ kind, path }) => `${kind} ${path}`);
    assert.deepEqual(seen, [
      'created /root/folder',
      'created /root/folder/file',
      'moved /root/old',
      'created /root/folder',
      'moved /root/folder/old',
      'modified /root/folder/old/file',
    ]);
    assert.equal(blame(history, { path: path('folder') })[0]?.events, 6);
  });

  it('of a path that is gone with a folder end with its deletion', (context) => {
    const { writer, history, folder } = folderWithFile(context);
    writer.record(() => writer.remove(folder));
    const seen = new EventReader(history, { path: path('folder/file') }).newest(10).map(({ kind, path }) => `${kind} ${path}`);
    assert.deepEqual(seen, ['created /root/folder/file', 'deleted /root/folder/file']);
  });

  it('of a path that is gone end with its deletion, told once', (context) => {
    const { writer, history, folder } = folderWithFile(context);
    writer.record(() => writer.remove(folder));
    const kinds = (all: boolean) =>
      new EventReader(history, { path: path('folder'), all }).newest(10).map(({ kind, path }) => `${kind} ${path}`);
    assert.deepEqual(kinds(false), ['created /root/folder', 'created /root/folder/file', 'deleted /root/folder']);
    assert.equal(kinds(true).length, 4);
  });

  it('are chosen by kind, time, owner, program and user', (context) => {
    const { writer, history, file, database } = folderWithFile(context);
    database.exec(`INSERT INTO process VALUES (7, 4711, 0, CAST('/usr/bin/vim' AS BLOB), 'user.slice', 1000)`);
    writer.process = 7;
    writer.record(() => writer.modify(file, 'second'));
    const count = (filter: object) => new EventReader(history, filter).newest(10).length;
    assert.deepEqual([count({ kinds: ['modified'] }), count({ since: writer.time }), count({ until: writer.time })], [1, 1, 2]);
    assert.deepEqual(
      ['vim', '/usr/bin/vim', 'user.slice', '4711', 'emacs'].map((process) => count({ process })),
      [1, 1, 1, 1, 0],
    );
    assert.deepEqual([count({ user: 1000 }), count({ user: 0 }), count({ owner: 0 }), count({ owner: 1 })], [1, 0, 3, 0]);
    assert.deepEqual([count({ origins: ['live'] }), count({ origins: ['scan'] })], [3, 0]);
  });

  it('are summed up by who made them', (context) => {
    const { writer, history, file, database } = folderWithFile(context);
    database.exec(
      `INSERT INTO process VALUES (7, 4711, 0, CAST('/usr/bin/vim' AS BLOB), NULL, 1000), (8, 4712, 0, CAST('/usr/bin/vim' AS BLOB), NULL, 1000)`,
    );
    for (const [process, content] of [
      [7, 'x'.repeat(100)],
      [8, 'y'.repeat(40)],
      [8, 'z'.repeat(41)],
    ] as const) {
      writer.process = process;
      writer.record(() => writer.modify(file, content));
    }
    const [vim, nobody] = blame(history, { path: path('folder') });
    assert.deepEqual(vim, {
      maker: { executable: '/usr/bin/vim', uid: 1000 },
      counts: { modified: 3 },
      events: 3,
      addedBytes: 96,
      removedBytes: 60,
      last: writer.time,
    });
    assert.deepEqual([nobody?.maker, nobody?.events, nobody?.addedBytes], [undefined, 2, 5]);
  });

  it('show within a moment of their commit to whoever follows', async (context) => {
    const { writer, database } = folderWithFile(context);
    const reader = openForReading(database.location() as string);
    assert.ok(reader);
    context.after(() => reader.close());
    const history = new History(reader);
    const events = new EventReader(history, {});
    const stop = new AbortController();
    let seen = history.newest();
    let committedAt = 0;
    for await (const _ of commits(reader, stop.signal)) {
      for (const page of events.after(seen)) seen = page.seen;
      if (committedAt > 0 && seen === 3) {
        assert.ok(performance.now() - committedAt < 150, 'earlier than the heartbeat');
        stop.abort();
      } else if (committedAt === 0) {
        setTimeout(() => {
          committedAt = performance.now();
          writer.record(() => writer.create(placeIn(writer.root, 'new'), 'file'));
        }, 20);
      }
    }
    assert.equal(seen, 3);
  });

  it('are told to whoever follows up to the last commit, and then that another catalogue has taken the place of theirs', async (context) => {
    const folder = scratchFolder(context);
    const [path, copy] = [join(folder, 'catalogue.db'), join(folder, 'copy.db')];
    openForWriting(copy).close();
    const writer = openForWriting(path);
    const reader = openForReading(path) as DatabaseSync;
    context.after(() => reader.close());
    const following = commits(reader, new AbortController().signal);
    assert.equal((await following.next()).done, false);
    writer.exec("INSERT INTO property (name, value) VALUES ('last', 1)");
    writer.close();
    renameSync(copy, path);
    assert.equal((await following.next()).done, false);
    await assert.rejects(following.next(), { code: 'CATALOGUE_REPLACED' });
  });
});

describe('the versions of a path', () => {
  it('are what it held, newest first, through its moves', (context) => {
    const { writer, history, folder, file } = folderWithFile(context);
    writer.record(() => writer.modify(file, 'longer'));
    writer.record(() => writer.move(folder, placeIn(writer.root, 'b')));
    writer.record(() => writer.move(file, placeIn(folder, 'moved')));
    const shown = versionsOf(history, path('b/moved')).map(({ kind, path, state, from }) => [kind, path, state?.size, from]);
    assert.deepEqual(shown, [
      ['moved', '/root/b/moved', 6, '/root/b/file'],
      ['modified', '/root/folder/file', 6, undefined],
      ['created', '/root/folder/file', 5, undefined],
    ]);
  });

  it('begin with what was found by the first scan', (context) => {
    const database = newCatalogue(context);
    const writer = new NaiveWriter(database, '/root');
    let file = 0;
    writer.record(() => {
      file = writer.create(placeIn(writer.root, 'file'), 'file', 'first');
    });
    const added = writer.time - 1_000_000_000n;
    writer.isFirstScan = false;
    writer.record(() => writer.modify(file, 'second!'));
    const shown = versionsOf(new History(database), path('file')).map(({ kind, time, state }) => [kind, time, state?.size]);
    assert.deepEqual(shown, [
      ['modified', writer.time, 7],
      ['found', added, 5],
    ]);
  });

  it('include those of files that others took the place of, as editors do', (context) => {
    const { writer, history, folder } = folderWithFile(context);
    for (const content of ['second!', 'third!!!']) {
      writer.record(() => {
        const temporary = writer.create(placeIn(folder, '.file.tmp'), 'file', content);
        writer.move(temporary, placeIn(folder, 'file'));
      });
    }
    const sizes = versionsOf(history, path('folder/file')).map(({ kind, state }) => `${kind} ${state?.size}`);
    assert.deepEqual(sizes, ['moved 8', 'deleted undefined', 'created 8', 'moved 7', 'deleted undefined', 'created 7', 'created 5']);
    assert.deepEqual(
      versionsOf(history, path('folder/file'), { limit: 2 }).map(({ kind }) => kind),
      ['moved', 'deleted'],
    );
  });

  it('are there of paths that are gone with their folders', (context) => {
    const { writer, history, folder } = folderWithFile(context);
    writer.record(() => writer.remove(folder));
    assert.deepEqual(
      versionsOf(history, path('folder/file')).map(({ kind, path }) => `${kind} ${path}`),
      ['deleted /root/folder/file', 'created /root/folder/file'],
    );
    assert.deepEqual(versionsOf(history, path('never')), []);
  });

  it('say whether the store has them', (context) => {
    const { writer, history, folder, file, database } = folderWithFile(context);
    const digest = writer.nodes.get(file)?.state.digest as Uint8Array;
    database.prepare('INSERT INTO content VALUES (?, 5, ?, 0)').run(digest, Buffer.of(0x40));
    writer.record(() => writer.modify(file, 'another'));
    assert.deepEqual(
      versionsOf(history, path('folder/file')).map(({ kept }) => kept),
      [false, true],
    );
    assert.equal(versionsOf(history, ROOT).length, 1);
    assert.equal(folder > 0, true);
  });
});

function folderWithFile(context: Parameters<typeof newCatalogue>[0]) {
  const database = newCatalogue(context);
  const writer = new NaiveWriter(database, '/root');
  writer.isFirstScan = false;
  let folder = 0;
  let file = 0;
  writer.record(() => {
    folder = writer.create(placeIn(writer.root, 'folder'), 'directory');
    file = writer.create(placeIn(folder, 'file'), 'file', 'first');
  });
  return { database, writer, history: new History(database), folder, file };
}

function pathIn(tree: Snapshot | undefined, node: number): string | undefined {
  return [...(tree ?? [])].find(([, { id }]: [string, ModelNode]) => id === node)?.[0];
}
