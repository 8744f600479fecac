import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { skipUnless } from './scratch.ts';

/** Skips a test where nothing can be mounted. Returns whether it is to end. */
export function skipWithoutMounts(context: TestContext): boolean {
  return skipUnless(context, process.platform === 'linux' && process.getuid?.() === 0, 'only root can mount a file system');
}

/** A new empty folder, which goes with all that was mounted in it when the test ends. */
export function mountingFolder(context: TestContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'varve-test-')));
  context.after(() => {
    const points = readFileSync('/proc/self/mountinfo', 'utf8').matchAll(/^\S+ \S+ \S+ \S+ (\S+)/gm);
    const below = Array.from(points, ([, point]) => point as string).filter((point) => point.startsWith(folder));
    for (const point of below.reverse()) unmount(point);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  return folder;
}

/** Mounts an empty file system in memory, of a size if that is given. */
export function mountMemory(path: string, sizeBytes?: number): void {
  run('mount', '-t', 'tmpfs', ...(sizeBytes === undefined ? [] : ['-o', `size=${sizeBytes}`]), 'varve-test', path);
}

/** Mounts what is at `from` once more, without what is mounted below it. */
export function mountAgain(from: string, path: string): void {
  run('mount', '--bind', from, path);
}

/** Also while files of it are open. */
export function unmount(path: string): void {
  run('umount', '-l', path);
}

function run(program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}
