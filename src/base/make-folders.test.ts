import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makeMissingFolders } from './make-folders.ts';

describe('missing folders', () => {
  let top: string;
  before(() => {
    top = mkdtempSync(join(tmpdir(), 'varve-folders-'));
  });
  after(() => rmSync(top, { recursive: true, force: true }));

  it('are made with those around them, which are told, for their owner alone', () => {
    const folder = join(top, 'a/b/c');
    mkdirSync(join(top, 'a'));
    assert.deepEqual(makeMissingFolders(folder), [join(top, 'a/b'), folder]);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.deepEqual(makeMissingFolders(folder), []);
  });

  it('are not made where there is a file', () => {
    const file = join(top, 'file');
    writeFileSync(file, '');
    assert.throws(() => makeMissingFolders(file), { code: 'EEXIST' });
    assert.throws(() => makeMissingFolders(join(file, 'a/b')), { code: 'ENOTDIR' });
  });

  it('are refused at once where none can be made, though the folder above is there', (context) => {
    if (process.platform !== 'linux') return context.skip('only Linux has /proc');
    // In a process of its own: what tries for ever can be stopped from outside alone.
    const module = JSON.stringify(join(import.meta.dirname, 'make-folders.ts'));
    const script = `import(${module}).then(({ makeMissingFolders }) => makeMissingFolders('/proc/none/a')).catch(({ code }) => console.log(code))`;
    const { stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', timeout: 30_000, killSignal: 'SIGKILL' });
    assert.equal(stdout, 'ENOENT\n');
  });
});
