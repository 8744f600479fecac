/** A file system that is really full: a small one in memory, which only root on Linux can make. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fillDisk } from '../support/full-disk.ts';
import { scratchFolder, skipUnless } from '../support/scratch.ts';
import { type VarveRun, varve } from '../support/varve.ts';
import { fingerprintOfFolder } from './fingerprint.ts';

const MEGABYTE = 1 << 20;

/** A mounted file system of so many bytes; undefined where none can be made. */
function mountSmall(context: TestContext, sizeBytes: number): string | undefined {
  const folder = fs.mkdtempSync(join(tmpdir(), 'varve-small-'));
  context.after(() => {
    spawnSync('umount', [folder]);
    fs.rmdirSync(folder);
  });
  if (process.platform !== 'linux' || spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'varve-test', folder]).status !== 0)
    return undefined;
  return folder;
}

test('on a full disk saving says so, what was saved can be read, verified and restored, and all goes on when there is space', (context) => {
  const small = mountSmall(context, 12 * MEGABYTE);
  if (skipUnless(context, small !== undefined, 'no file system can be mounted here')) return;
  const disk = small as string;
  const home = join(disk, 'home');
  const folder = scratchFolder(context);
  const source = join(folder, 'source');
  fs.mkdirSync(source);
  fs.writeFileSync(join(source, 'file'), randomBytes(3 * MEGABYTE));
  const run = (...args: string[]) => varve(home, args);
  assert.equal(run('save', source, '--archive', 'a').status, 0);
  const saved = fingerprintOfFolder(source);

  fs.writeFileSync(join(source, 'more'), randomBytes(20 * MEGABYTE));
  for (const threads of ['0', '2']) {
    const failed = run('save', source, '--archive', 'a', '--threads', threads);
    assert.equal(failed.status, 1, failed.stderr);
    assert.match(failed.stderr, /no space left on device \(ENOSPC\)\n.*[Ff]ree some space/);
  }

  const ballast = fillDisk(disk);
  for (const args of [['verify'], ['ls', 'a'], ['archives'], ['restore', 'a', join(folder, 'restored')]]) {
    const { status, stderr } = run(...args);
    assert.equal(status, 0, `${args[0]} on a full disk: ${stderr}`);
  }
  assert.equal(fingerprintOfFolder(join(folder, 'restored')), saved);
  for (const args of [['save', source, '--archive', 'a'], ['tag', 'a', 'x'], ['forget', 'a', '--keep-none'], ['gc']]) {
    const { status, stderr } = run(...args);
    assert.notEqual(status, null, args.join(' '));
    assert.doesNotMatch(stderr, /bug in varve|unexpected:/);
    if (status !== 0) assert.match(stderr, /ENOSPC/, args.join(' '));
  }

  fs.rmSync(ballast);
  fs.rmSync(join(source, 'more'));
  for (const args of [['gc'], ['save', source, '--archive', 'a'], ['gc'], ['verify']]) {
    const { status, stderr } = run(...args);
    assert.equal(status, 0, `${args[0]} with space again: ${stderr}`);
  }
});

interface FullDisk {
  readonly run: (...args: string[]) => VarveRun;
  readonly disk: string;
  readonly source: string;
}

/** A store of three revisions on a full disk; of what the second holds, the third needs a little. Segments are closed at `segmentBytes`. */
function fillWithRevisions(context: TestContext, segmentBytes: number): FullDisk | undefined {
  const disk = mountSmall(context, 16 * MEGABYTE);
  if (skipUnless(context, disk !== undefined, 'no file system can be mounted here')) return undefined;
  const home = join(disk as string, 'home');
  const source = join(scratchFolder(context), 'source');
  fs.mkdirSync(source);
  const run = (...args: string[]) => varve(home, args, { env: { VARVE_TEST_SEGMENT_BYTES: String(segmentBytes) } });
  for (const files of [
    ['a', 'more'],
    ['b', 'small'],
    ['c', 'small'],
  ]) {
    for (const name of fs.readdirSync(source)) if (!files.includes(name)) fs.rmSync(join(source, name));
    for (const name of files) {
      const bytes = name === 'small' ? 200_000 : 1.5 * MEGABYTE;
      if (!fs.existsSync(join(source, name))) fs.writeFileSync(join(source, name), randomBytes(bytes));
    }
    assert.equal(run('save', source, '--archive', 'a', '--threads', '0').status, 0);
  }
  fillDisk(disk as string);
  return { run, disk: disk as string, source };
}

function freeBytes(disk: string): number {
  const { bavail, bsize } = fs.statfsSync(disk);
  return bavail * bsize;
}

test('on a full disk revisions can be dropped, and their space collected', (context) => {
  const full = fillWithRevisions(context, MEGABYTE);
  if (full === undefined) return;
  const { run, disk, source } = full;
  for (const args of [['forget', 'a', '--keep-last', '1'], ['gc']]) {
    const { status, stdout, stderr } = run(...args);
    assert.equal(status, 0, `${args[0]} on a full disk: ${stdout} ${stderr}`);
  }
  assert.ok(freeBytes(disk) > 4 * MEGABYTE, `${freeBytes(disk)} bytes are free`);
  assert.ok(fs.existsSync(join(disk, 'home/store/reserve')), 'the reserve is there again');
  assert.equal(run('verify').status, 0);
  assert.equal(run('restore', 'a', `${source}-again`).status, 0);
  assert.equal(fingerprintOfFolder(`${source}-again`), fingerprintOfFolder(source));
});

test('on a full disk gc that has no space for what is to be moved says how much it needs, and takes none', (context) => {
  const full = fillWithRevisions(context, 256 * MEGABYTE);
  if (full === undefined) return;
  const { run, disk } = full;
  for (let round = 0; round < 2; round++) {
    assert.equal(run('forget', 'a', '--keep-last', '1').status, 0);
    const { status, stdout, stderr } = run('gc');
    assert.equal(status, 3, stdout + stderr);
    assert.match(stdout, /There was no space to empty 1 segment: free 1\.\d MiB and run varve gc again/);
    assert.ok(fs.existsSync(join(disk, 'home/store/reserve')), 'the reserve is there again');
  }
  fs.rmSync(join(disk, 'ballast'));
  assert.equal(run('gc').status, 0);
  assert.ok(freeBytes(disk) > 10 * MEGABYTE);
  assert.equal(run('verify').status, 0);
});
