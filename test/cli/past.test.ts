/** The past of watched folders, asked from outside: one process for each command, beside no daemon. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { openForWriting } from '../../src/catalogue/database.ts';
import { NaiveWriter, placeIn } from '../support/catalogue/naive-writer.ts';
import { type VarveRun, varve, varveCommand, varveEnv } from '../support/varve.ts';

describe('the past of a watched folder', () => {
  let top: string;
  let docs: string;
  let database: DatabaseSync;
  let writer: NaiveWriter;
  /** Behind each change, as a script gives it. */
  const times: string[] = [];
  const run = (...args: string[]): VarveRun => varve(join(top, 'home'), args, { cwd: top });
  const lines = (...args: string[]) => {
    const { stdout, stderr, status } = run(...args);
    assert.ok(status === 0 || status === 3, stderr);
    return stdout.split('\n').filter((line) => line !== '');
  };
  const json = (...args: string[]) => lines(...args, '--json').map((line) => JSON.parse(line));

  before(() => {
    top = mkdtempSync(join(tmpdir(), 'varve-past-'));
    docs = join(top, 'docs');
    mkdirSync(join(top, 'home'));
    mkdirSync(docs);
    database = openForWriting(join(top, 'home/catalogue.db'));
    writer = new NaiveWriter(database, docs);
    writer.isFirstScan = false;
    const record = (change: () => void) => {
      writer.record(change);
      times.push(String(writer.time));
    };
    let letters = 0;
    let letter = 0;
    database.exec("INSERT INTO process VALUES (1, 42, 0, CAST('/usr/bin/vim' AS BLOB), NULL, 0)");
    record(() => {
      letters = writer.create(placeIn(writer.root, 'letters'), 'directory');
      letter = writer.create(placeIn(letters, 'a@2026.txt'), 'file', 'Dear one');
      writer.create(placeIn(letters, 'lost'), 'file', 'nobody kept this');
      writer.keep('Dear one');
    });
    writer.process = 1;
    record(() => writer.modify(letter, 'Dear one and all'));
    writer.keep('Dear one and all');
    record(() => writer.move(letter, placeIn(writer.root, 'moved.txt')));
    record(() => writer.remove(letters));
    writer.writeSums();
    database.exec(`INSERT INTO property VALUES ('observedUntil', ${writer.time + 1n})`);
    database.exec(`INSERT INTO gap VALUES (1, 1, 'varve was not running', ${writer.time - 5n}, ${writer.time}, 3)`);
    database.prepare("INSERT INTO failure VALUES (1, ?, CAST('secret' AS BLOB), 'EACCES', 'open', 1, 2, 3)").run(writer.root);
  });

  after(() => database.close());
  after(() => rmSync(top, { recursive: true, force: true }));

  it('log lists the versions of a path, newest first, through its moves', () => {
    const versions = json('log', join(docs, 'moved.txt'));
    assert.deepEqual(
      versions.map(({ kind, size, path, kept, process, user }) => [kind, size, path.slice(docs.length), kept, process, user]),
      [
        ['moved', 16, '/moved.txt', true, '/usr/bin/vim', 'root'],
        ['modified', 16, '/letters/a@2026.txt', true, '/usr/bin/vim', 'root'],
        ['created', 8, '/letters/a@2026.txt', true, undefined, undefined],
      ],
    );
    assert.match(versions[0].digest, /^blake3:[0-9a-f]{64}$/);
    assert.match(versions[0].time, /^2023-.*\.\d{9}Z$/);
  });

  it('log knows paths that are gone, and begins at a time', () => {
    assert.deepEqual(
      json('log', `${docs}/letters/a@2026.txt`).map(({ kind }) => kind),
      ['moved', 'modified', 'created'],
    );
    assert.equal(json('log', `${docs}/letters/a@2026.txt@${times[0]}`).length, 1);
    assert.equal(run('log', join(docs, 'never')).status, 1);
  });

  it('cat prints a file as it was, also when its name has an @', () => {
    assert.equal(run('cat', `${docs}/letters/a@2026.txt@${times[0]}`).stdout, 'Dear one');
    assert.equal(run('cat', `./docs/letters/../letters/a@2026.txt@${times[1]}`).stdout, 'Dear one and all');
    assert.equal(run('cat', `${docs}/moved.txt`).stdout, 'Dear one and all');
  });

  it('cat says so when a content was not kept', () => {
    const { status, stderr } = run('cat', `${docs}/letters/lost@${times[0]}`);
    assert.deepEqual([status, /content of .*lost was not kept/.test(stderr)], [1, true]);
  });

  it('ls and find show a folder as it was', () => {
    assert.deepEqual(lines('ls', '-R', `${docs}@${times[0]}`), ['letters', 'letters/a@2026.txt', 'letters/lost']);
    assert.deepEqual(lines('ls', docs), ['moved.txt']);
    assert.deepEqual(lines('find', `${docs}@${times[1]}`, '*.txt'), ['letters/a@2026.txt']);
    assert.equal(run('ls', `${docs}/letters`).status, 1);
  });

  it('ls says how large a watched folder is', () => {
    assert.deepEqual(
      json('ls', '-d', docs).map(({ files, bytes }) => [files, bytes]),
      [[1, 16]],
    );
    assert.match(lines('ls', '-ld', docs)[0] as string, / 16 \S+ \S+ docs$/);
  });

  it('diff of two times shows moves', () => {
    assert.deepEqual(lines('diff', `${docs}@${times[1]}`, `${docs}@${times[2]}`, '--quiet'), ['R letters/a@2026.txt → moved.txt']);
  });

  it('restore puts back what was kept, and names what was not', () => {
    const { status, stderr } = run('restore', `${docs}@${times[0]}`, 'restored');
    assert.deepEqual([status, /lost: its content was not kept/.test(stderr)], [3, true]);
    assert.equal(readFileSync(join(top, 'restored/letters/a@2026.txt'), 'utf8'), 'Dear one');
    assert.equal(run('restore', `${docs}/letters/a@2026.txt@${times[0]}`, 'one.txt').status, 0);
    assert.equal(readFileSync(join(top, 'one.txt'), 'utf8'), 'Dear one');
    assert.equal(run('restore', docs, 'nowhere').status, 2);
  });

  it('a restored folder does not differ from what it was', () => {
    run('restore', `${docs}/letters@${times[0]}`, 'compared');
    writeFileSync(join(top, 'compared/lost'), 'nobody kept THIS');
    utimesSync(join(top, 'compared/lost'), 1, 1);
    assert.deepEqual(lines('diff', `${docs}/letters@${times[0]}`, './compared', '--quiet'), ['M lost']);
    // Its digest is known, so that bytes can be held against it.
    writeFileSync(join(top, 'compared/lost'), 'nobody kept this');
    assert.deepEqual(lines('diff', `${docs}/letters@${times[0]}`, './compared', '--quiet'), ['T lost']);
  });

  it('events lists what happened, oldest first, with who did it', () => {
    const events = json('events', docs).map(({ kind, path, from, process }) => [
      kind,
      path.slice(docs.length),
      from?.slice(docs.length),
      process,
    ]);
    const vim = '/usr/bin/vim';
    assert.deepEqual(events, [
      ['created', '/letters', undefined, undefined],
      ['created', '/letters/a@2026.txt', undefined, undefined],
      ['created', '/letters/lost', undefined, undefined],
      ['modified', '/letters/a@2026.txt', undefined, vim],
      ['moved', '/moved.txt', '/letters/a@2026.txt', vim],
      ['deleted', '/letters', undefined, vim],
    ]);
    assert.equal(json('events', '--all').length, 7);
    assert.equal(json('events', '--since', times[3] as string, '--kind', 'deleted').length, 1);
    assert.equal(json('events', '--until', times[0] as string).length, 0);
    assert.equal(json('events', '-n', '2', '--process', 'vim', '--user', 'root').length, 2);
    assert.match(lines('events').at(-1) ?? '', /vim \(root\) +- .*letters\/$/);
    assert.equal(run('events', '--since', 'never').status, 2);
    assert.equal(run('events', join(docs, 'never')).status, 1);
  });

  it('du of a file tells its size, now, then and since', () => {
    const [file, letter] = [join(docs, 'moved.txt'), join(docs, 'letters/a@2026.txt')];
    const then = `${letter}@${times[0]}`;
    const sizes = (...args: string[]) => json('du', ...args).map(({ bytes, files, growth }) => [bytes, files, growth]);
    assert.deepEqual(sizes(file), [[16, 1, undefined]]);
    assert.deepEqual([sizes(then), sizes(letter, '--at', times[1] as string)], [[[8, 1, undefined]], [[16, 1, undefined]]]);
    assert.deepEqual(sizes(file, '--since', times[1] as string), [[16, 1, 16]]);
    assert.deepEqual(sizes(file, '--since', times[2] as string), [[16, 1, 0]]);
    assert.deepEqual(sizes(file, '--by', 'type'), [[16, 1, undefined]]);
    assert.deepEqual(json('du', letter, '--since', times[0] as string), [
      { path: letter, depth: 0, bytes: null, bytesBefore: 8, growth: -8, files: 0, filesBefore: 1 },
    ]);
  });

  it('times that nanoseconds cannot hold count as the earliest or the latest', () => {
    const [early, late] = ['0001-01-01', '9999-12-31'];
    assert.equal(json('events', docs, '--since', early).length, json('events', docs, '-n', '100').length);
    assert.equal(json('events', docs, '--since', late).length, 0);
    assert.equal(json('events', docs, '--until', early).length, 0);
    assert.equal(json('blame', docs, '--since', late).length, 0);
    assert.deepEqual(lines('ls', `${docs}@${late}`), ['moved.txt']);
    assert.equal(lines('du', docs, '--at', late, '--depth', '0', '--quiet').length, 1);
    assert.equal(lines('du', docs, '--since', late, '--depth', '0', '--quiet').length, 1);
    for (const option of ['--newer', '--changed-since']) assert.deepEqual(lines('search', option, late), []);
    assert.match(run('undo', docs, '--since', early).stderr, /watched only since|history begins|Would undo/);
  });

  it('events --follow refuses --until, since it goes on until Ctrl-C', () => {
    const { status, stderr } = run('events', '--follow', '--until', 'now');
    assert.equal(status, 2);
    assert.match(stderr, /--follow and --until exclude each other/);
  });

  it('events --follow shows an event as soon as it is committed', async () => {
    const [file, args] = varveCommand('events', '--follow', '--json', '-n', '1', '--kind', 'created');
    const child = spawn(file, args, { env: varveEnv(join(top, 'home')), stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      const seen = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      await seen.next();
      let committedAt = 0;
      const next = seen.next();
      // Until it follows, it finds what is there by itself.
      writer.record(() => writer.create(placeIn(writer.root, 'first'), 'file'));
      assert.match(String((await next).value), /first/);
      const second = seen.next();
      writer.record(() => writer.create(placeIn(writer.root, 'second'), 'file'));
      committedAt = performance.now();
      assert.match(String((await second).value), /second/);
      assert.ok(performance.now() - committedAt < 190, 'earlier than the heartbeat');
      child.kill('SIGINT');
      const [status] = await once(child, 'exit');
      assert.equal(status, 130);
    } finally {
      writer.writeSums();
      child.kill('SIGKILL');
    }
  });

  it('blame says who made the changes', () => {
    const [vim, unknown] = json('blame', docs, '--until', String(BigInt(times[3] as string) + 1n));
    assert.deepEqual([vim.process, vim.user, vim.events, vim.addedBytes], ['/usr/bin/vim', 'root', 4, 8]);
    assert.deepEqual([unknown.process, unknown.events], [undefined, 3]);
    assert.match(run('blame', docs).stdout, /\+24 B +0 B .*not known/);
  });

  it('sizes shows how a folder went through time', () => {
    const [first, last] = [times[0], times[3]] as [string, string];
    const found = json('sizes', docs, '--since', first, '--until', last, '--points', '2');
    assert.deepEqual(
      found.map(({ size, files, directories }) => [size, files, directories]),
      [
        [24, 2, 1],
        [16, 1, 0],
      ],
    );
    assert.match(run('sizes', docs, '--since', first, '--until', last).stdout, /-16 B/);
  });

  it('errors lists what could not be read, and gaps', () => {
    assert.deepEqual(
      json('errors').map(({ path, code, call, count }) => [path, code, call, count]),
      [[join(docs, 'secret'), 'EACCES', 'open', 3]],
    );
    assert.deepEqual(
      json('errors', '--gaps').map(({ root, reason, found }) => [root, reason, found]),
      [[docs, 'varve was not running', 3]],
    );
    assert.equal(run('ls', `${docs}@${times[3]}`).stderr, '');
    assert.match(run('ls', `${docs}@${BigInt(times[3] as string) - 2n}`).stderr, /may have been missed \(varve was not running\)/);
  });

  it('undo shows what it would do, and does nothing without --yes', () => {
    const { status, stdout, stderr } = run('undo', docs, '--since', times[3] as string);
    assert.equal(status, 3);
    const shown = stdout.replaceAll(docs, '').split('\n');
    assert.deepEqual(shown.slice(0, 3), ['- /first', '+ /letters/', '+ /letters/lost  (not possible: its content was not kept)']);
    assert.match(stderr, /Would undo 3 items\. 1 item cannot be put back\. Do it with --yes\./);
    assert.equal(existsSync(join(docs, 'letters')), false);
    assert.equal(run('undo', docs).status, 2);
  });

  it('undo --yes does what it can, and names the rest', () => {
    const done = json('undo', `${docs}/letters`, '--since', times[3] as string, '--yes');
    assert.deepEqual(
      done.map(({ path, do: steps, done: isDone, refused }) => [path.slice(docs.length), steps, isDone, refused]),
      [
        ['/letters', ['create'], true, undefined],
        ['/letters/lost', ['create'], false, 'its content was not kept'],
      ],
    );
    assert.equal(existsSync(join(docs, 'letters')), true);
  });

  it('a path that leads into a watched folder by a link is understood', () => {
    symlinkSync(docs, join(top, 'link'));
    assert.equal(json('log', join(top, 'link/moved.txt')).length, 3);
    assert.equal(json('du', 'link/', '--depth', '0')[0].path, docs);
    assert.equal(json('du', 'link', '--at', 'now', '--depth', '0')[0].path, docs);
    assert.equal(json('du', 'link@now', '--depth', '0')[0].path, docs);
    assert.deepEqual(lines('search', '--below', 'link', 'moved'), [join(docs, 'moved.txt')]);
    assert.notEqual(json('owners', './link').length, 0);
    assert.match(run('safe', './link/moved.txt', '--json').stdout, /^\{"files":1,/m);
  });

  it('a bare name is a file that the catalogue knows, also with a time that has a colon', () => {
    const at = new Date(Number(BigInt(times[1] as string) / 1_000_000n) + 1).toISOString();
    assert.equal(run('cat', `docs/letters/a@2026.txt@${at}`).stdout, 'Dear one and all');
    assert.deepEqual(lines('ls', '-d', 'docs@23:59').length, 1);
  });

  it('a bare name with what is no time says so', () => {
    const { status, stderr } = run('ls', 'docs@5m');
    assert.deepEqual([status, /5m is no time/.test(stderr)], [2, true]);
  });

  it('a path with what is no time says so', () => {
    for (const args of [['cat'], ['ls'], ['restore', join(top, 'restored')]]) {
      const [command = '', ...others] = args;
      const { status, stderr } = run(command, './docs/letters@yesterdayy', ...others);
      assert.deepEqual([status, /yesterdayy is no time/.test(stderr)], [2, true], stderr);
    }
  });

  it('a path that nobody watches is no archive', () => {
    for (const [command, path, code] of [
      ['cat', 'docs/never', 'NOT_FOUND'],
      ['cat', 'elsewhere/never', 'NOT_WATCHED'],
      ['du', '/nowhere', 'NOT_WATCHED'],
      ['du', 'docs/never', 'NOT_IN_CATALOGUE'],
      ['dups', '/nowhere', 'NOT_WATCHED'],
      ['search', '--below=/nowhere', 'NOT_WATCHED'],
    ] as const) {
      const { status, stderr } = run(command, path, '--json');
      assert.deepEqual([status, JSON.parse(stderr).error.code], [1, code], `${command} ${path}`);
      assert.doesNotMatch(stderr, /archive/);
    }
  });

  it('times that make no sense where they stand are refused', () => {
    for (const args of [
      ['events', '--since', '2026-13-01'],
      ['events', '--since', '1h', '--until', '2h'],
      ['blame', '--since', '1h', '--until', '2h'],
      ['sizes', docs, '--since', '1h', '--until', '2h'],
      ['sizes', docs, '--points', '0'],
      ['sizes', docs, '--points', '10001'],
      ['undo', docs, '--since', 'tomorrow'],
      ['dups', '--read'],
      ['dups', docs, '--read', '--folders'],
    ])
      assert.equal(run(...args).status, 2, args.join(' '));
  });

  it('events --since takes what a sync point gave', () => {
    const all = json('events', '--all');
    const since = (token: string) => json('events', '--all', '--since', token).map(({ id }) => id);
    const behind = all.slice(3).map(({ id }) => id);
    assert.deepEqual(since(String(all[2].id).padStart(12, '0')), behind);
    assert.deepEqual(since(String(all[2].id)), behind);
    assert.equal(JSON.parse(run('events', '--since', '999999', '--json').stderr).error.code, 'UNKNOWN_MOMENT');
  });

  it('a path that nobody watches is refused', () => {
    const { status, stderr } = run('ls', '/nowhere@yesterday', '--json');
    assert.deepEqual([status, JSON.parse(stderr).error.code], [1, 'NOT_WATCHED']);
    assert.equal(JSON.parse(run('ls', `${docs}@2001`, '--json').stderr).error.code, 'TOO_EARLY');
  });
});

describe('a watched folder that nobody watches just now', () => {
  it('is told of to have changes that may have been missed, wherever its present is asked for', () => {
    const top = realpathSync(mkdtempSync(join(tmpdir(), 'varve-past-')));
    after(() => rmSync(top, { recursive: true, force: true }));
    const [folder, home] = [join(top, 'folder'), join(top, 'home')];
    const run = (...args: string[]): VarveRun => varve(home, args, { cwd: top });
    mkdirSync(folder);
    writeFileSync(join(folder, 'file'), 'first');
    assert.equal(run('start', '--once', folder).status, 0);
    const start = new Date().toISOString();
    writeFileSync(join(folder, 'file'), 'second');
    const missed = `Between .* and now changes of .* may have been missed \\(not running\\)\\.\n`;
    const isTold = new RegExp(`^${missed}`);
    assert.match(run('undo', folder, '--since', start).stderr, new RegExp(`^${missed}Nothing to undo that is known\\.$`, 'm'));
    assert.match(run('cat', `${folder}/file@now`).stderr, isTold);
    assert.match(run('ls', `${folder}@now`).stderr, isTold);
    assert.match(JSON.parse(run('ls', `${folder}@now`, '--json').stderr).warning, /may have been missed \(not running\)/);
    assert.match(run('restore', `${folder}@now`, join(top, 'restored')).stderr, isTold);
    assert.doesNotMatch(run('ls', folder).stderr, isTold);
  });
});

describe('a watched folder that holds what Varve keeps', () => {
  it('can be made what it was, which takes nothing of that, nor what an undo has put away', () => {
    const top = realpathSync(mkdtempSync(join(tmpdir(), 'varve-past-')));
    after(() => rmSync(top, { recursive: true, force: true }));
    const home = join(top, 'home');
    const run = (...args: string[]): VarveRun => varve(home, args, { cwd: top });
    const isDone = (...args: string[]) => {
      const { status, stdout, stderr } = run(...args);
      assert.equal(status, 0, `${args.join(' ')}: ${stderr}`);
      return stdout;
    };
    writeFileSync(join(top, 'file'), 'first');
    writeFileSync(join(top, 'linked'), 'of two names');
    linkSync(join(top, 'linked'), join(top, 'link'));
    const { ino } = statSync(join(top, 'link'));
    for (const name of ['file', 'linked']) utimesSync(join(top, name), 1, 1);
    isDone('start', '--once', top);
    const before = new Date().toISOString();
    writeFileSync(join(top, 'file'), 'second');
    writeFileSync(join(top, 'new'), 'new');
    isDone('start', '--once');
    assert.match(run('undo', top, '--since', '1970-01-02').stderr, /is watched only since/);
    isDone('undo', top, '--since', before, '--yes');
    assert.equal(readFileSync(join(top, 'file'), 'utf8'), 'first');
    writeFileSync(join(top, 'newer'), 'newer');
    isDone('restore', `${top}@${before}`, top, '--delete');
    assert.deepEqual(readdirSync(top).sort(), ['.varve-trash', 'file', 'home', 'link', 'linked']);
    assert.deepEqual(
      ['link', 'linked'].map((name) => statSync(join(top, name)).ino),
      [ino, ino],
    );
    isDone('check');
    assert.equal(isDone('cat', `${join(top, 'file')}@${before}`), 'first');
  });
});
