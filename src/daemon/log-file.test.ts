import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { scratchFolder } from '../../test/support/scratch.ts';
import { LogFile } from './log-file.ts';

const linesOf = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('the log', () => {
  it('has a JSON object a line, in order, for its user alone', async (context) => {
    const path = join(scratchFolder(context), 'varve.log');
    const log = new LogFile(path);
    log.write('info', 'the daemon has started', { pid: 7 });
    log.write('error', 'a root is gone', { root: '/srv\nx', inode: 7n, cause: new TypeError('a bug') });
    await log.flush();
    const [first, second] = linesOf(path);
    assert.match(first.time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.deepEqual([first.level, first.message, first.pid], ['info', 'the daemon has started', 7]);
    assert.deepEqual([second.level, second.root, second.inode], ['error', '/srv\nx', '7']);
    assert.match(second.cause, /^TypeError: a bug\n {4}at /);
    if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('goes on in the file of an earlier run', async (context) => {
    const path = join(scratchFolder(context), 'varve.log');
    for (const run of [1, 2]) {
      const log = new LogFile(path);
      log.write('info', `run ${run}`);
      await log.flush();
    }
    assert.deepEqual(
      linesOf(path).map(({ message }) => message),
      ['run 1', 'run 2'],
    );
  });

  it('keeps four older files and no more, the newest lines in the first', async (context) => {
    const folder = scratchFolder(context);
    const path = join(folder, 'varve.log');
    const log = new LogFile(path, 1000);
    for (let line = 0; line < 200; line++) {
      log.write('info', 'a line', { line });
      await log.flush();
    }
    assert.deepEqual(readdirSync(folder).sort(), ['varve.log', 'varve.log.1', 'varve.log.2', 'varve.log.3', 'varve.log.4']);
    const kept = [4, 3, 2, 1].flatMap((number) => linesOf(`${path}.${number}`)).concat(linesOf(path));
    assert.deepEqual(
      kept.map(({ line }) => line),
      Array.from({ length: kept.length }, (_, i) => 200 - kept.length + i),
    );
    for (const file of readdirSync(folder)) assert.ok(statSync(join(folder, file)).size < 1200);
  });

  it('says how many lines a disk did not take', async (context) => {
    const path = join(scratchFolder(context), 'varve.log');
    const log = new LogFile(path);
    mkdirSync(path);
    log.write('info', 'one');
    log.write('info', 'two');
    await log.flush();
    rmdirSync(path);
    log.write('info', 'three');
    await log.flush();
    assert.deepEqual(
      linesOf(path).map(({ message, lines }) => [message, lines]),
      [
        ['three', undefined],
        ['lines of the log were dropped', 2],
      ],
    );
  });
});
