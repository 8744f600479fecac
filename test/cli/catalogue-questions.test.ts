/** The commands that ask the catalogue, tried from outside on a catalogue that was filled by hand. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { ByteName } from '../../src/base/names.ts';
import { openForWriting } from '../../src/catalogue/database.ts';
import { indexNames } from '../../src/catalogue/questions/name-index.ts';
import { unwatch } from '../../src/catalogue/unwatch.ts';
import { blake3 } from '../../src/hash/blake3.ts';
import { CatalogueFill, DIRECTORY, FILE } from '../support/catalogue/fill.ts';
import { PlayedHistory } from '../support/catalogue/played-history.ts';
import { Random } from '../support/random.ts';
import { scratchFolder } from '../support/scratch.ts';
import { type VarveRun, varve } from '../support/varve.ts';

const digestOf = (text: string) => blake3.hash(Buffer.from(text));

describe('varve search', () => {
  it('prints paths, and with --json what is known of them', (context) => {
    const run = withCatalogue(context);
    assert.equal(run('search', 'letter', '--sort', 'path').stdout, '/w/docs/letter\\x0atwo.txt\n/w/docs/letter one.txt\n');
    const [found] = run('search', 'photo', '--json')
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(found, { path: '/w/photo.jpg', kind: 'file', size: 3000, mtime: '2023-11-14T22:13:20.000000000Z' });
  });

  it('filters, sorts and limits', (context) => {
    const run = withCatalogue(context);
    assert.equal(run('search', '--kind', 'file', '--min-size', '100', '--sort', 'size', '-n', '1').stdout, '/w/docs/copy.jpg\n');
    assert.equal(run('search', '--ext', 'jpg', '--below', '/w/docs').stdout, '/w/docs/copy.jpg\n');
    assert.equal(run('search', '-r', '^ph.*g$').stdout, '/w/photo.jpg\n');
    assert.equal(run('search', '-e', 'jpg,png', '-k', 'fifo,file', '--below', '/w/docs').stdout, '/w/docs/copy.jpg\n');
    assert.equal(run('search', 'a', '-r', '-g').status, 2);
    for (const digest of ['xx', 'blake3:ff', 'none:ff']) assert.equal(run('search', '--digest', digest).status, 2, digest);
  });

  it('finds what is gone with --history', (context) => {
    const home = scratchFolder(context);
    const database = openForWriting(join(home, 'catalogue.db'));
    const history = new PlayedHistory(database, new Random(7));
    for (let i = 0; i < 100; i++) history.play();
    database.close();
    const { stdout, status } = varve(home, ['search', '--history', '--json', '--kind', 'file']);
    assert.equal(status, 0);
    const gone = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter((found) => found.gone !== undefined);
    assert.ok(gone.some((found) => found.gone === 'deleted') && gone.some((found) => found.gone === 'moved'));
  });

  it('says what to do where there is no catalogue', (context) => {
    const { status, stderr } = varve(scratchFolder(context), ['search', 'x']);
    assert.equal(status, 1);
    assert.match(stderr, /there is no catalogue yet: .*\nWatch a folder first: varve start DIR/);
  });
});

describe('varve dups', () => {
  it('prints groups from the catalogue', (context) => {
    const run = withCatalogue(context);
    const [group, ...others] = run('dups', '--json')
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(group, {
      ...{
        kind: 'file',
        digest: `blake3:${Buffer.from(digestOf('photo').subarray(2)).toString('hex')}`,
        size: 3000,
        copies: 2,
        waste: 3000,
      },
      paths: ['/w/photo.jpg', '/w/docs/copy.jpg'],
    });
    assert.equal(others.length, 0);
  });

  it('reads folders that are not watched', (context) => {
    const home = scratchFolder(context);
    const folder = join(home, 'files');
    mkdirSync(folder);
    for (const name of ['a', 'b']) writeFileSync(join(folder, name), 'same bytes');
    const { stdout, status } = varve(home, ['dups', folder, '--quiet']);
    assert.equal(status, 0);
    assert.equal(stdout, `2 × 10 B, 10 B in further copies\n  ${folder}/a\n  ${folder}/b\n`);
  });
});

describe('varve du of a watched folder', () => {
  it('answers from the catalogue', (context) => {
    const run = withCatalogue(context);
    const sizes = run('du', '/w/', '--json')
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      sizes.map(({ path, bytes, files }) => [path, bytes, files]),
      [
        ['/w/docs', 3030, 3],
        ['/w', 6030, 4],
      ],
    );
    assert.match(run('du', '/w', '--by', 'type').stdout, /5\.9 KiB .* {2}\.jpg\n/);
  });

  it('tells of the past, and how it has grown', (context) => {
    const home = scratchFolder(context);
    const database = openForWriting(join(home, 'catalogue.db'));
    const history = new PlayedHistory(database, new Random(3));
    for (let i = 0; i < 50; i++) history.play();
    const then = history.sums().get('/r')?.size;
    const time = new Date(history.lastEvent * 1000 + 500).toISOString();
    for (let i = 0; i < 50; i++) history.play();
    history.settle();
    database.close();
    const now = history.sums().get('/r')?.size as number;
    const [past] = varve(home, ['du', '/r', '--depth', '0', '--at', time, '--json']).stdout.split('\n');
    assert.equal(JSON.parse(past as string).bytes, then);
    assert.equal(varve(home, ['du', `/r@${time}`, '--depth', '0', '--json']).stdout.split('\n')[0], past);
    const [growth] = varve(home, ['du', '/r', '--depth', '0', '--since', time, '--json']).stdout.split('\n');
    assert.deepEqual([JSON.parse(growth as string).growth, JSON.parse(growth as string).bytes], [now - (then as number), now]);
  });

  it('tells of a folder that is not watched any more what it was, and nothing of a time that was forgotten', (context) => {
    const home = scratchFolder(context);
    const database = openForWriting(join(home, 'catalogue.db'));
    const history = new PlayedHistory(database, new Random(5));
    for (let i = 0; i < 50; i++) history.play();
    history.settle();
    const then = history.sums().get('/r')?.size;
    const timeOf = (event: number) => new Date(event * 1000 + 500).toISOString();
    unwatch(database, ['/r' as ByteName], BigInt(history.lastEvent + 1) * 1_000_000_000n);
    database.exec('DELETE FROM event WHERE id <= 10');
    database.exec("INSERT INTO property VALUES ('forgottenEvent', 10), ('forgottenTime', 10000000000)");
    database.close();
    const du = (event: number) => varve(home, ['du', '/r', '--depth', '0', '--at', timeOf(event), '--json']);
    assert.equal(JSON.parse(du(history.lastEvent).stdout).bytes, then);
    assert.match(du(5).stderr, /the history begins only at/);
    assert.equal(varve(home, ['du', '/r', '--since', timeOf(5)]).status, 1);
  });
});

describe('questions about what was forgotten', () => {
  it('are told when the history begins, where it does not reach as far back as was asked', (context) => {
    const home = scratchFolder(context);
    const database = openForWriting(join(home, 'catalogue.db'));
    const history = new PlayedHistory(database, new Random(5));
    for (let i = 0; i < 20; i++) history.play();
    history.settle();
    database.exec('DELETE FROM event WHERE id <= 10');
    database.exec("INSERT INTO property VALUES ('forgottenEvent', 10), ('forgottenTime', 10000000000)");
    database.close();
    const isTold = (...args: string[]) => /^The history begins only at 1970-01-01 /m.test(varve(home, args).stderr);
    const early = ['--since', '1970-01-01T00:00:05Z'];
    const late = ['--since', '1970-01-01T00:00:11Z'];
    assert.deepEqual([isTold('events', ...early), isTold('events', ...late), isTold('events')], [true, false, false]);
    assert.deepEqual([isTold('blame', ...early), isTold('blame', ...late), isTold('blame')], [true, false, true]);
    assert.deepEqual([isTold('search', '--history'), isTold('search')], [true, false]);
  });
});

describe('varve safe', () => {
  it('lists what is nowhere else, and ends with status 1', (context) => {
    const run = withCatalogue(context);
    const { stdout, stderr, status } = run('safe', '/w/docs');
    assert.equal(status, 1);
    const expected = [
      '/w  (changes may have been missed: not running)',
      '/w/docs/letter one.txt',
      '/w/docs/letter\\x0atwo.txt  (not hashed)',
      '/w/docs/copy.jpg',
    ];
    assert.deepEqual(stdout.trim().split('\n').sort(), expected.sort());
    assert.match(stderr, /^Not safe: 3 files of 3 files/);
  });
});

function withCatalogue(context: TestContext): (...args: string[]) => VarveRun {
  const home = scratchFolder(context);
  const database = openForWriting(join(home, 'catalogue.db'));
  const fill = new CatalogueFill(database);
  const root = fill.root('/w' as ByteName);
  fill.add(root, 'photo.jpg' as ByteName, { type: FILE, size: 3000, digest: digestOf('photo') });
  const docs = fill.add(root, 'docs' as ByteName, { type: DIRECTORY, size: 4096 });
  fill.add(docs, 'letter one.txt' as ByteName, { type: FILE, size: 10, digest: digestOf('one') });
  fill.add(docs, 'letter\ntwo.txt' as ByteName, { type: FILE, size: 20 });
  fill.add(docs, 'copy.jpg' as ByteName, { type: FILE, size: 3000, digest: digestOf('photo') });
  fill.finish();
  indexNames(database, 100);
  database.close();
  return (...args) => varve(home, args);
}
