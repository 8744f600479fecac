import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { DiskCatalogue } from '../../../../test/support/catalogue/disk-catalogue.ts';
import { placeIn } from '../../../../test/support/catalogue/naive-writer.ts';
import { newCatalogue } from '../../../../test/support/catalogue/open-catalogue.ts';
import { campaignRandom, type Random, sizeFromEnv } from '../../../../test/support/random.ts';
import { scratchFolder } from '../../../../test/support/scratch.ts';
import { VarveError } from '../../../base/errors.ts';
import { nameFromText } from '../../../base/names.ts';
import { MemoryStore } from '../../../store/memory.ts';
import { atOneMoment } from '../../database.ts';
import { History } from '../history.ts';
import { KeptContents } from '../kept-contents.ts';
import { momentOf } from '../moments.ts';
import { carryOut } from './carry-out.ts';
import { pathOf, TRASH } from './places.ts';
import { planUndo } from './plan.ts';
import { Trash } from './trash.ts';
import type { UndoItem, UndoOutcome } from './types.ts';

const NAMES = ['a', 'b', 'c', 'd'];
const ROUNDS = sizeFromEnv('VARVE_UNDO_ROUNDS', 8);

describe('undo', () => {
  it('makes a folder what it was, whatever happened since, and can itself be undone', async (context) => {
    const random = campaignRandom(context);
    for (let round = 0; round < ROUNDS; round++) {
      const { folder, catalogue, undo } = watchedFolder(context);
      for (let i = 0; i < 12; i++) changeSomething(folder, random);
      catalogue.scan();
      const states = [{ time: catalogue.writer.time, tree: treeOf(folder) }];
      for (let i = 0; i < 12; i++) {
        changeSomething(folder, random);
        catalogue.scan();
        states.push({ time: catalogue.writer.time, tree: treeOf(folder) });
      }
      const before = treeOf(folder);
      const last = catalogue.writer.time;
      const { time, tree } = random.pick(states);
      const outcomes = await undo(folder, time + 1n);
      assert.deepEqual(outcomes.filter(({ failure }) => failure).map(told), [], `round ${round}`);
      assert.deepEqual(treeOf(folder), tree, `round ${round}`);
      catalogue.scan();
      assert.deepEqual((await undo(folder, time + 1n)).map(told), [], 'nothing is left to be undone');
      assert.deepEqual((await undo(folder, last + 1n)).filter(({ failure }) => failure).map(told), []);
      assert.deepEqual(treeOf(folder), before, `back, round ${round}`);
    }
  });

  it('brings back what had replaced something, also where the end of that was told later', async (context) => {
    const { folder, catalogue, undo } = watchedFolder(context, { file: 'first', next: 'second', last: 'third' });
    const { writer } = catalogue;
    writer.tellsEndsLate = true;
    const replaceFileBy = (name: string): bigint => {
      renameSync(join(folder, name), join(folder, 'file'));
      const { id } = writer.at(placeIn(writer.root, name)) as { id: number };
      writer.record(() => writer.move(id, placeIn(writer.root, 'file')));
      const { time } = writer;
      catalogue.scan();
      return time;
    };
    const time = replaceFileBy('next');
    assert.deepEqual(await undo(folder, time + 1n), []);
    replaceFileBy('last');
    const outcomes = await undo(folder, time + 1n);
    assert.deepEqual(outcomes.filter(({ failure }) => failure).map(told), []);
    assert.deepEqual(treeOf(folder), { file: '644 second', last: '644 third' });
  });

  it('has nothing left to do where what had moved out of a folder that is gone is back in a new one', async (context) => {
    const { folder, catalogue, undo } = watchedFolder(context, { 'gone/file': 'one' });
    const { time } = catalogue.writer;
    const before = treeOf(folder);
    renameSync(join(folder, 'gone/file'), join(folder, 'file'));
    catalogue.scan();
    rmSync(join(folder, 'gone'), { recursive: true });
    catalogue.scan();
    assert.deepEqual((await undo(folder, time + 1n)).map(told), [`create ${folder}/gone `, `move ${folder}/gone/file `]);
    assert.deepEqual(treeOf(folder), before);
    catalogue.scan();
    assert.deepEqual((await undo(folder, time + 1n)).map(told), []);
  });

  it('touches nothing outside of the path', async (context) => {
    const { folder, catalogue, undo } = watchedFolder(context, { 'in/file': 'one', 'out/file': 'one' });
    const { time } = catalogue.writer;
    for (const where of ['in', 'out']) writeFileSync(join(folder, where, 'file'), 'changed');
    catalogue.scan();
    await undo(join(folder, 'in'), time + 1n);
    assert.deepEqual(treeOf(folder), { in: '755', 'in/file': '644 one', out: '755', 'out/file': '644 changed' });
  });

  it('takes back what changed in a folder, and not that one around it came to be watched', async (context) => {
    const outer = scratchFolder(context);
    mkdirSync(join(outer, 'inner'));
    const folder = join(outer, 'inner');
    writeFileSync(join(folder, 'file'), 'first');
    const database = newCatalogue(context);
    const catalogue = new DiskCatalogue(database, folder);
    const { writer } = catalogue;
    const { time } = writer;
    writeFileSync(join(folder, 'file'), 'second');
    writeFileSync(join(folder, 'new'), 'new');
    catalogue.scan();
    writer.record(() => writer.joinRoot(outer));
    const outcomes = await undo(database, folder, time + 1n);
    assert.deepEqual(outcomes.map(told), [`content ${folder}/file `, `remove ${folder}/new `]);
    assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'first');
    assert.equal(existsSync(join(outer, TRASH)), true, 'in the root that it is in now');
  });

  it('puts what makes way into the trash, under its name', async (context) => {
    const { folder, catalogue, undo } = watchedFolder(context, { file: 'first' });
    const { time } = catalogue.writer;
    writeFileSync(join(folder, 'file'), 'second');
    writeFileSync(join(folder, 'new'), 'new');
    catalogue.scan();
    const outcomes = await undo(folder, time + 1n);
    const trashed = outcomes.map(({ trash }) => (trash === undefined ? '' : readFileSync(pathOf(trash), 'utf8'))).sort();
    assert.deepEqual(trashed, ['new', 'second']);
    assert.deepEqual(treeOf(folder), { file: '644 first' });
  });

  it('leaves alone what is not what the catalogue knows', async (context) => {
    const { folder, catalogue, undo } = watchedFolder(context, { file: 'first' });
    const { time } = catalogue.writer;
    writeFileSync(join(folder, 'file'), 'second');
    writeFileSync(join(folder, 'new'), 'new');
    catalogue.scan();
    writeFileSync(join(folder, 'file'), 'and third');
    writeFileSync(join(folder, 'new'), 'newer');
    const outcomes = await undo(folder, time + 1n);
    assert.deepEqual(
      outcomes.map(({ failure }) => failure?.code),
      ['CHANGED', 'CHANGED'],
    );
    assert.deepEqual(treeOf(folder), { file: '644 and third', new: '644 newer' });
    assert.equal(existsSync(join(folder, TRASH)), false);
  });

  it('refuses file by file what was not kept, and leaves the present version', async (context) => {
    const { folder, catalogue, undo, database } = watchedFolder(context, { edited: 'first', saved: 'first as well', gone: 'not kept' });
    const { time } = catalogue.writer;
    writeFileSync(join(folder, 'edited'), 'second');
    writeFileSync(join(folder, 'temporary'), 'saved by an editor');
    renameSync(join(folder, 'temporary'), join(folder, 'saved'));
    rmSync(join(folder, 'gone'));
    catalogue.scan();
    database.exec('DELETE FROM content');
    const outcomes = await undo(folder, time + 1n);
    assert.deepEqual(
      outcomes.map(({ failure }) => failure?.message),
      Array(3).fill('its content was not kept'),
    );
    assert.deepEqual(treeOf(folder), { edited: '644 second', saved: '644 saved by an editor' });
  });

  it('leaves a new folder where it is while what came into it cannot be put back', async (context) => {
    const { folder, catalogue, undo, database } = watchedFolder(context, { old: 'first' });
    const { time } = catalogue.writer;
    mkdirSync(join(folder, 'new'));
    renameSync(join(folder, 'old'), join(folder, 'new/old'));
    catalogue.scan();
    writeFileSync(join(folder, 'new/old'), 'second');
    writeFileSync(join(folder, 'new/other'), 'other');
    catalogue.scan();
    database.exec('DELETE FROM content');
    const outcomes = await undo(folder, time + 1n);
    assert.deepEqual(outcomes.filter(({ failure }) => failure === undefined).map(told), [`remove ${join(folder, 'new/other')} `]);
    assert.deepEqual(treeOf(folder), { new: '755', 'new/old': '644 second' });
  });

  it('says of what was to go with a folder that it is still there, when the folder could not go', async (context) => {
    const { folder, catalogue, undo } = watchedFolder(context, { file: 'first' });
    const { time } = catalogue.writer;
    mkdirSync(join(folder, 'new'));
    renameSync(join(folder, 'file'), join(folder, 'new/file'));
    writeFileSync(join(folder, 'new/other'), 'other');
    catalogue.scan();
    // Since then, so that it is not what the catalogue knows.
    writeFileSync(join(folder, 'new/file'), 'second');
    const outcomes = await undo(folder, time + 1n);
    assert.deepEqual(outcomes.map(({ failure }) => failure?.code).sort(), ['CHANGED', 'NOT_EMPTY', 'NOT_EMPTY']);
    assert.deepEqual(treeOf(folder), { new: '755', 'new/file': '644 second', 'new/other': '644 other' });
  });

  it('puts back what it cannot move because something else stands there', async (context) => {
    const { folder, catalogue, undo } = watchedFolder(context, { file: 'first' });
    const { time } = catalogue.writer;
    renameSync(join(folder, 'file'), join(folder, 'moved'));
    writeFileSync(join(folder, 'file'), 'new');
    catalogue.scan();
    writeFileSync(join(folder, 'file'), 'changed since');
    const outcomes = await undo(folder, time + 1n);
    assert.deepEqual(outcomes.map(({ failure }) => failure?.code).sort(), ['CHANGED', 'EEXIST']);
    assert.deepEqual(treeOf(folder), { file: '644 changed since', moved: '644 first' });
  });

  for (const content of ['first', 'changed'])
    it(`refuses to move a file (${content}) back to where something outside of the path stands`, async (context) => {
      const { folder, catalogue, undo } = watchedFolder(context, { file: 'first' });
      const { time } = catalogue.writer;
      writeFileSync(join(folder, 'file'), content);
      renameSync(join(folder, 'file'), join(folder, 'moved'));
      writeFileSync(join(folder, 'file'), 'new');
      catalogue.scan();
      const outcomes = await undo(join(folder, 'moved'), time + 1n);
      assert.deepEqual(
        outcomes.map(({ item }) => item.refused),
        ['something else stands there'],
      );
      assert.deepEqual(treeOf(folder), { file: '644 new', moved: `644 ${content}` });
    });

  it('puts nothing into a folder that has taken the place of another one, which cannot go back', async (context) => {
    const { folder, catalogue, undo } = watchedFolder(context, { 'folder/file': 'first', 'folder/deep/file': 'first' });
    const { time } = catalogue.writer;
    renameSync(join(folder, 'folder'), join(folder, 'moved'));
    rmSync(join(folder, 'moved/file'));
    rmSync(join(folder, 'moved/deep/file'));
    mkdirSync(join(folder, 'folder/deep'), { recursive: true });
    catalogue.scan();
    const before = treeOf(folder);
    const outcomes = await undo(join(folder, 'moved'), time + 1n);
    assert.deepEqual(
      outcomes.map(({ item }) => item.refused),
      ['something else stands there', ...Array(2).fill('a folder above it cannot be put back')],
    );
    assert.deepEqual(treeOf(folder), before);
  });

  it('refuses also what was to come to the place of what is refused', async (context) => {
    const { folder, catalogue, undo } = watchedFolder(context, { first: '1', 'in/second': '2', 'in/third': '3' });
    const { time } = catalogue.writer;
    const { folder: inner, file } = { folder: join(folder, 'in'), file: join(folder, 'first') };
    renameSync(join(inner, 'third'), join(inner, 'fourth'));
    renameSync(join(inner, 'second'), join(inner, 'third'));
    renameSync(file, join(inner, 'second'));
    writeFileSync(file, 'new');
    catalogue.scan();
    const outcomes = await undo(inner, time + 1n);
    assert.deepEqual(
      outcomes.map(({ item }) => item.refused),
      Array(3).fill('something else stands there'),
    );
  });

  it('puts a changed file back that it cannot move because something has come there meanwhile', async (context) => {
    const { folder, catalogue, undo } = watchedFolder(context, { file: 'first' });
    const { time } = catalogue.writer;
    renameSync(join(folder, 'file'), join(folder, 'moved'));
    writeFileSync(join(folder, 'moved'), 'second');
    catalogue.scan();
    writeFileSync(join(folder, 'file'), 'new');
    const outcomes = await undo(folder, time + 1n);
    assert.deepEqual(
      outcomes.map(({ failure, trash }) => [failure?.code, trash]),
      [['EEXIST', undefined]],
    );
    assert.deepEqual(treeOf(folder), { file: '644 new', moved: '644 second' });
    assert.equal(existsSync(join(folder, TRASH)), false);
  });

  it('makes nothing in a folder that has come meanwhile to the place of one that it cannot move back', async (context) => {
    const { folder, catalogue, undo } = watchedFolder(context, { 'folder/file': 'first', 'folder/other': 'first' });
    const { time } = catalogue.writer;
    renameSync(join(folder, 'folder'), join(folder, 'moved'));
    rmSync(join(folder, 'moved/file'));
    catalogue.scan();
    mkdirSync(join(folder, 'folder'));
    const before = treeOf(folder);
    const outcomes = await undo(folder, time + 1n);
    assert.deepEqual(
      outcomes.map(({ failure }) => failure?.code),
      ['EEXIST', 'NO_FOLDER'],
    );
    assert.deepEqual(treeOf(folder), before);
  });

  it('gives a file its name back when it can be put into no trash', async (context) => {
    const { folder, catalogue, undo } = watchedFolder(context, { file: 'first' });
    const { time } = catalogue.writer;
    writeFileSync(join(folder, 'file'), 'second');
    catalogue.scan();
    const full = context.mock.method(Trash.prototype, 'take', () => {
      throw new VarveError('ENOSPC', 'no space left');
    });
    const outcomes = await undo(folder, time + 1n);
    assert.equal(full.mock.callCount(), 1);
    assert.deepEqual(
      outcomes.map(({ failure }) => failure?.code),
      ['ENOSPC'],
    );
    assert.deepEqual(treeOf(folder), { file: '644 second' });
  });

  it('never goes through a symbolic link that took the place of a folder', async (context) => {
    const { folder, catalogue, undo } = watchedFolder(context, { 'folder/file': 'first' });
    const outside = scratchFolder(context);
    writeFileSync(join(outside, 'file'), 'elsewhere');
    const { time } = catalogue.writer;
    writeFileSync(join(folder, 'folder/file'), 'second');
    catalogue.scan();
    renameSync(join(folder, 'folder'), join(folder, 'away'));
    symlinkSync(outside, join(folder, 'folder'));
    const [outcome] = await undo(folder, time + 1n);
    assert.match(outcome?.failure?.code ?? '', /ELOOP|ENOTDIR/);
    assert.equal(readFileSync(join(outside, 'file'), 'utf8'), 'elsewhere');
  });
});

function watchedFolder(context: TestContext, files: Record<string, string> = {}) {
  const database = newCatalogue(context);
  const folder = scratchFolder(context);
  const umask = process.umask(0o022);
  context.after(() => process.umask(umask));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const catalogue = new DiskCatalogue(database, folder);
  return { database, folder, catalogue, undo: (path: string, since: bigint) => undo(database, path, since) };
}

let count = 0;

async function undo(database: DatabaseSync, path: string, since: bigint): Promise<UndoOutcome[]> {
  const history = new History(database);
  const store = new MemoryStore();
  const contents = new KeptContents(history, async () => store);
  const items = atOneMoment(database, () => planUndo(history, contents, nameFromText(path), momentOf(database, since - 1n)));
  return carryOut(items, { store, contents, name: `undo ${count++}` });
}

function changeSomething(folder: string, random: Random): void {
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => !path.startsWith(TRASH));
  const folders = ['', ...all.filter((path) => lstatSync(join(folder, path)).isDirectory())];
  const place = join(folder, random.pick(folders), random.pick(NAMES));
  const kind = random.below(10);
  const some = all.length === 0 ? undefined : join(folder, random.pick(all));
  const isFolder = some !== undefined && lstatSync(some).isDirectory();
  if (some === undefined || kind < 4) {
    if (existsSync(place)) return;
    if (random.chance(0.4)) mkdirSync(place);
    else writeFileSync(place, `content ${random.below(1000)}`);
  } else if (kind < 5 && !isFolder) writeFileSync(some, `changed ${random.below(1000)}`);
  else if (kind < 6) chmodSync(some, (isFolder ? 0o700 : 0o600) + random.below(64));
  else if (kind < 7) rmSync(some, { recursive: true });
  else if (kind < 8 && !isFolder) {
    writeFileSync(`${some}.tmp`, `saved ${random.below(1000)}`);
    renameSync(`${some}.tmp`, some);
  } else if (!`${place}/`.startsWith(`${some}/`) && !(existsSync(place) && (isFolder || lstatSync(place).isDirectory())))
    renameSync(some, place);
}

/** Path → mode and content, without the trash. */
function treeOf(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => !path.startsWith(TRASH));
  return Object.fromEntries(
    paths.sort().map((path) => {
      const stat = lstatSync(join(folder, path));
      return [path, `${(stat.mode & 0o7777).toString(8)}${stat.isFile() ? ` ${readFileSync(join(folder, path), 'utf8')}` : ''}`];
    }),
  );
}

function told({ item, failure }: { item: UndoItem; failure?: UndoOutcome['failure'] }): string {
  const path = item.to ?? item.from;
  return `${item.steps} ${path === undefined ? '' : pathOf(path)} ${failure?.message ?? ''}`;
}
