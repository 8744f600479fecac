import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { CatalogueFill, FILE, SYMLINK } from '../../../test/support/catalogue/fill.ts';
import { type NaiveSums, PlayedHistory } from '../../../test/support/catalogue/played-history.ts';
import { campaignRandom } from '../../../test/support/random.ts';
import { scratchFolder } from '../../../test/support/scratch.ts';
import type { ByteName } from '../../base/names.ts';
import { openForWriting } from '../database.ts';
import { momentOf } from '../history/moments.ts';
import { searchGone } from './gone.ts';
import { type FolderUsage, growthOf, TreeNow, usageOf } from './usage.ts';
import { TreeThen } from './usage-at.ts';
import { usageBy } from './usage-by.ts';

const TOP = { node: 1, path: '/r' as ByteName };

describe('usage', () => {
  it('of the past is what it was, through moves, deletions and new creations', (context) => {
    const random = campaignRandom(context);
    for (let round = 0; round < 10; round++) {
      const database = emptyCatalogue(context);
      const history = new PlayedHistory(database, random);
      const moments: { event: number; sums: NaiveSums }[] = [];
      for (let i = 0; i < 150; i++) {
        if (random.chance(0.1)) moments.push({ event: history.lastEvent, sums: history.sums() });
        history.play();
      }
      history.settle();
      assert.deepEqual(naiveOf(usageOf(new TreeNow(database), TOP, 99)), history.sums());
      for (const { event, sums } of moments) {
        const time = BigInt(event) * 1_000_000_000n + 1n;
        assert.equal(momentOf(database, time), event);
        assert.deepEqual(naiveOf(usageOf(new TreeThen(database, event), TOP, 99)), sums);
      }
    }
  });

  it('tells how each folder has grown since, by its path', (context) => {
    const random = campaignRandom(context);
    const database = emptyCatalogue(context);
    const history = new PlayedHistory(database, random);
    for (let i = 0; i < 50; i++) history.play();
    const event = history.lastEvent;
    const before = history.sums();
    for (let i = 0; i < 100; i++) history.play();
    history.settle();
    const now = history.sums();
    const found = [...growthOf(new TreeThen(database, event), new TreeNow(database), { path: TOP.path, before: 1, now: 1 }, 99)];
    assert.deepEqual(new Set(found.map(({ path }) => path)), new Set<string>([...before.keys(), ...now.keys()]));
    for (const each of found) {
      assert.equal(each.before?.size, before.get(each.path)?.size);
      assert.equal(each.now?.size, now.get(each.path)?.size);
    }
  });

  it('shows the largest folder first, down to a depth, and a folder behind those in it', (context) => {
    const database = emptyCatalogue(context);
    const fill = new CatalogueFill(database);
    const root = fill.root('/r' as ByteName);
    const folder = (parent: number, name: string) => fill.add(parent, name as ByteName, { type: 4, size: 4096 });
    fill.add(folder(root, 'small'), 'a' as ByteName, { type: FILE, size: 10 });
    fill.add(folder(folder(root, 'large'), 'deep'), 'b' as ByteName, { type: FILE, size: 100 });
    fill.finish();
    const shown = [...usageOf(new TreeNow(database), TOP, 1)].map(({ path, size }) => [path, size]);
    assert.deepEqual(shown, [
      ['/r/large', 100],
      ['/r/small', 10],
      ['/r', 110],
    ]);
  });

  it('of a file is its own, and of a link that it takes no bytes of files', (context) => {
    const database = emptyCatalogue(context);
    const fill = new CatalogueFill(database);
    const root = fill.root('/r' as ByteName);
    const [file, link] = [FILE, SYMLINK].map((type, i) => fill.add(root, `x${i}` as ByteName, { type, size: 10 }));
    fill.finish();
    const shown = (node = 0) =>
      [...usageOf(new TreeNow(database), { node, path: '/r/x' as ByteName }, 1)].map((each) => [each.size, each.files]);
    assert.deepEqual([shown(file), shown(link)], [[[10, 1]], [[0, 1]]]);
    assert.deepEqual(
      usageBy(database, file ?? 0, 'owner', 0n).map(({ size, files }) => [size, files]),
      [[10, 1]],
    );
  });

  it('adds up by type, age and owner', (context) => {
    const database = emptyCatalogue(context);
    const now = 1_800_000_000_000_000_000n;
    const day = 86_400_000_000_000n;
    const fill = new CatalogueFill(database);
    const root = fill.root('/r' as ByteName);
    fill.add(root, 'a.JPG' as ByteName, { type: FILE, size: 5, uid: 1, mtime: now - day * 2n });
    fill.add(root, 'b.jpg' as ByteName, { type: FILE, size: 6, uid: 2, mtime: 0n });
    fill.add(root, '.bashrc' as ByteName, { type: FILE, size: 1, uid: 2, mtime: now });
    fill.finish();
    const by = (group: 'type' | 'age' | 'owner') => usageBy(database, root, group, now).map((each) => [each.group, each.size, each.files]);
    assert.deepEqual(by('type'), [
      ['.jpg', 11, 2],
      ['', 1, 1],
    ]);
    assert.deepEqual(by('owner'), [
      ['2', 7, 2],
      ['1', 5, 1],
    ]);
    assert.deepEqual(by('age'), [
      ['older', 6, 1],
      ['a week', 5, 1],
      ['today', 1, 1],
    ]);
  });
});

describe('search of what is gone', () => {
  it('names every place that something has left as it was called then', (context) => {
    const random = campaignRandom(context);
    const database = emptyCatalogue(context);
    const history = new PlayedHistory(database, random);
    const known = new Set(history.paths());
    for (let i = 0; i < 300; i++) {
      history.play();
      for (const path of history.paths()) known.add(path);
    }
    const gone = [...searchGone(database, { words: [] })];
    assert.ok(gone.length > 50);
    for (const { path } of gone) assert.ok(known.has(path), path);
    const deleted = new Set(gone.map(({ node }) => node));
    assert.equal(
      database.prepare('SELECT count(DISTINCT node) AS count FROM event WHERE fromParent IS NOT NULL').get()?.count,
      deleted.size,
    );
    const [newest] = gone;
    const word =
      newest?.path
        .slice(newest.path.lastIndexOf('/') + 1)
        .replace(/[^a-z]+/g, ' ')
        .trim()
        .split(' ')[0] ?? '';
    assert.ok([...searchGone(database, { words: [word], caseRule: 'exact' })].some(({ path }) => path === newest?.path));
  });
});

function emptyCatalogue(context: TestContext): DatabaseSync {
  const database = openForWriting(join(scratchFolder(context), 'catalogue.db'));
  context.after(() => database.close());
  return database;
}

function naiveOf(usage: Iterable<FolderUsage>): NaiveSums {
  return new Map([...usage].map(({ path, size, files, directories }) => [path, { size, files, directories }]));
}
