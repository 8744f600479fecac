/** Owners, descriptions and roots on the command line, with a daemon in a process of its own and without one. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json, text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { scratchFolder } from '../support/scratch.ts';
import { varve, varveCommand, varveEnv } from '../support/varve.ts';
import { startWatching } from '../support/watching.ts';

const LIMIT = { timeout: 120_000, skip: process.platform === 'win32' && 'the daemon needs UNIX sockets' };

interface Bench {
  readonly home: string;
  readonly docs: string;
  /** Runs a command that has to succeed. */
  readonly run: (...args: string[]) => string;
  readonly ask: (...args: string[]) => Record<string, unknown>[];
}

/** A home with a rule for a game, and a folder with files. */
function bench(context: TestContext): Bench {
  const top = realpathSync(scratchFolder(context));
  const [home, docs] = [join(top, 'home'), join(top, 'docs')];
  mkdirSync(join(home, 'owners'), { recursive: true });
  mkdirSync(join(docs, 'game/saved'), { recursive: true });
  writeFileSync(join(home, 'owners/game.toml'), `comment = "Saved games"\nfolders = ["${docs}/game"]\nretention = "9 versions"\n`);
  writeFileSync(join(docs, 'game/saved/one'), 'level 1');
  writeFileSync(join(docs, 'letter.txt'), 'Dear Ann,\n');
  // The test's own folder may be what a shipped rule claims.
  writeFileSync(join(home, 'owners/temporary.toml'), 'folders = []\n');
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = varve(home, args);
    assert.equal(status, 0, stderr);
    return stdout;
  };
  const ask = (...args: string[]) =>
    run(...args, '--json')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  return { home, docs, run, ask };
}

/** A file comes whole out of a folder that nobody watches: one that is written in its place may be seen before and after, which is two changes. */
function arrive({ docs }: Bench, path: string, text: string): void {
  const elsewhere = join(docs, '../arriving');
  writeFileSync(elsewhere, text);
  renameSync(elsewhere, join(docs, path));
}

describe('varve owners', LIMIT, () => {
  it('adds up what belongs to whom, with what is done with it', async (context) => {
    const top = bench(context);
    const { home, docs, ask, run } = top;
    const { ask: beside } = await startWatching(context, home, [docs]);
    arrive(top, 'game/saved/two', 'level 22');
    rmSync(join(docs, 'letter.txt'));
    arrive(top, 'note.txt', 'for me');
    beside('sync-point');
    const [nobody, game, ...others] = ask('owners').sort((a, b) => Number(a.bytes) - Number(b.bytes));
    assert.equal(others.length, 0);
    const { diskBytes, ...shown } = game as Record<string, unknown>;
    assert.ok((diskBytes as number) >= 0);
    assert.deepEqual(shown, {
      owner: 'game',
      name: 'game',
      files: 2,
      bytes: 15,
      events: 1,
      flags: {
        keep: true,
        hash: true,
        record: ['create', 'modify', 'move', 'delete', 'attributes'],
        notify: [],
        retention: { versions: 9 },
      },
    });
    assert.deepEqual([nobody?.owner, nobody?.files, nobody?.bytes, nobody?.events], [null, 1, 6, 2]);
    assert.match(run('owners', join(docs, 'game')), /^OWNER +SIZE +FILES +CHANGES +CONTENT +NAME\ngame +15 B +2 +1 +kept +game\n$/);
  });

  it('tells of a rule that cannot be used, and goes on without it', (context) => {
    const { home, docs, ask } = bench(context);
    assert.equal(varve(home, ['start', '--once', docs]).status, 0);
    writeFileSync(join(home, 'owners/game.toml'), 'folders = 7\n');
    const { stderr, status } = varve(home, ['owners']);
    assert.equal(status, 0);
    assert.match(stderr, /game\.toml:1: folders must be a list of texts/);
    assert.deepEqual(
      ask('owners').map(({ owner }) => owner),
      [null],
    );
  });

  it('--propose finds the program that alone changes a folder', async (context) => {
    const { home, docs, ask, run } = bench(context);
    const watching = await startWatching(context, home, [docs]);
    const [status] = watching.ask('status') as { roots: { watcher: string }[] }[];
    if (status?.roots[0]?.watcher !== 'fanotify') return context.skip('needs a watcher that tells who it was');
    assert.deepEqual(ask('owners', '--propose'), []);
    const scribe = join(docs, '../scribe');
    copyFileSync('/bin/sh', scribe);
    mkdirSync(join(docs, 'scrolls'));
    // What is in a new folder is found by listing it, which tells of no process.
    watching.ask('sync-point');
    const writer = spawn(
      scribe,
      ['-c', 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22; do : > scroll$i; done; read line'],
      {
        cwd: join(docs, 'scrolls'),
        stdio: ['pipe', 'ignore', 'ignore'],
      },
    );
    context.after(() => writer.kill());
    while (Number(watching.ask('owners', join(docs, 'scrolls'))[0]?.files) < 22) watching.ask('sync-point');
    const [proposal, ...others] = ask('owners', '--propose');
    assert.equal(others.length, 0);
    assert.deepEqual([proposal?.id, proposal?.folders, proposal?.ownChanges], ['scribe', [join(docs, 'scrolls')], 22]);
    assert.match(run('owners', '--propose'), /owners\/scribe\.toml\n(.*\n)*folders = \["[^"]+\/scrolls"\]/);
  });
});

describe('varve describe', LIMIT, () => {
  it('shows what is known from every side, and what was written stays with the file', async (context) => {
    const { home, docs, run, ask } = bench(context);
    const letter = join(docs, 'letter.txt');
    assert.equal(varve(home, ['start', '--once', docs]).status, 0);
    assert.deepEqual(ask('describe', join(docs, 'game'))[0]?.descriptions, [{ source: 'owner', text: 'Saved games' }]);
    // Without a daemon the command writes it itself, and with one the daemon does.
    assert.match(run('describe', letter, 'The first letter'), /^written +The first letter\n/);
    const { ask: beside } = await startWatching(context, home, [docs]);
    renameSync(letter, join(docs, 'old-letter.txt'));
    beside('sync-point');
    const moved = () =>
      (ask('describe', join(docs, 'old-letter.txt'))[0] as { descriptions: { source: string; text: string }[] }).descriptions[0];
    assert.deepEqual(moved(), { source: 'written', text: 'The first letter' });
    run('describe', join(docs, 'old-letter.txt'), 'A letter to Ann');
    assert.deepEqual(moved(), { source: 'written', text: 'A letter to Ann' });
    run('describe', join(docs, 'old-letter.txt'), '--remove');
    assert.notEqual(moved()?.source, 'written');
  });

  it('says of a path that nobody knows what to do', (context) => {
    const { home, docs } = bench(context);
    assert.equal(varve(home, ['start', '--once', docs]).status, 0);
    const nowhere = varve(home, ['describe', join(docs, 'nothing'), 'a thing']);
    assert.equal(nowhere.status, 1);
    assert.match(nowhere.stderr, /there is no .*nothing/);
    const outside = varve(home, ['describe', join(home, 'owners'), 'rules']);
    assert.match(outside.stderr, /is in no folder that is watched\nWatched are: /);
  });

  it('asks no model unless one is set, and shows what it would send', (context) => {
    const { home, docs, run } = bench(context);
    assert.equal(varve(home, ['start', '--once', docs]).status, 0);
    const letter = join(docs, 'letter.txt');
    assert.match(varve(home, ['describe', letter, '--generate']).stderr, /no language model is set, so nothing is sent to anybody/);
    const settings = ['--set', 'describe.endpoint=http://127.0.0.1:9/v1', '--set', 'describe.model=small'];
    assert.match(
      run('describe', letter, '--generate', '--dry-run', ...settings),
      /nothing of its content, go to http:\/\/127\.0\.0\.1:9 \(model small\)\.\n\nPath: .*letter\.txt\nSize: 10 bytes\n/,
    );
  });

  it('asks the model once about a content', async (context) => {
    const { home, docs, ask } = bench(context);
    assert.equal(varve(home, ['start', '--once', docs]).status, 0);
    const asked: unknown[] = [];
    const server = createServer(async (request, response) => {
      asked.push(await json(request));
      response.end(JSON.stringify({ choices: [{ message: { content: 'A letter to somebody called Ann.' } }] }));
    });
    context.after(() => server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const letter = join(docs, 'letter.txt');
    for (let times = 0; times < 2; times++) {
      const [file, args] = varveCommand(
        ...['describe', letter, '--generate', '--set', `describe.endpoint=${endpoint}`, '--set', 'describe.model=small'],
      );
      const child = spawn(file, args, { env: varveEnv(home), stdio: ['ignore', 'pipe', 'ignore'] });
      assert.match(await text(child.stdout), /generated +A letter to somebody called Ann\.\n/);
    }
    assert.equal(asked.length, 1);
    const [{ descriptions }] = ask('describe', letter) as unknown as [{ descriptions: { source: string }[] }];
    assert.equal(descriptions.at(-1)?.source, 'generated');
  });
});

describe('varve roots', LIMIT, () => {
  it('lists what is watched, and proposes what is not', (context) => {
    const { home, docs, ask, run } = bench(context);
    assert.deepEqual(ask('roots'), []);
    assert.equal(varve(home, ['start', '--once', docs]).status, 0);
    assert.deepEqual(ask('roots'), [{ path: docs, files: 5, bytes: 17, scanned: true, gaps: 0, mounts: [] }]);
    assert.match(run('roots'), /^FILES +SIZE +GAPS +FOLDER\n +5 +17 B +0 +.*\/docs\n$/);
    const suggestions = ask('roots', '--suggest');
    assert.ok(suggestions.every(({ path, why }) => path !== docs && ['home', 'file system', 'network'].includes(why as string)));
  });
});
