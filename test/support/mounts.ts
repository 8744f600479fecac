import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
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

/** Mounts a file system whose file handles lead back to nothing, so that not every watcher can watch it; what it is made of lies in memory, below `parts`. */
export function mountOverlay(path: string, parts: string): void {
  mountMemory(parts);
  const [lower, upper, work] = ['lower', 'upper', 'work'].map((name) => join(parts, name)) as [string, string, string];
  for (const part of [lower, upper, work]) mkdirSync(part);
  run('mount', '-t', 'overlay', '-o', `lowerdir=${lower},upperdir=${upper},workdir=${work},nfs_export=off`, 'varve-test', path);
}

/** Also while files of it are open. */
export function unmount(path: string): void {
  run('umount', '-l', path);
}

function run(program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}
