import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { skipUnless } from './scratch.ts';

/** The least that mkfs.xfs accepts is 300 MB; of it hardly anything is written. */
const IMAGE_BYTES = 320 << 20;

/** The mount point of a new XFS, whose files can share blocks; undefined, and the test skipped, where none can be made: it takes root, loop devices and mkfs.xfs. */
export function xfsImage(context: TestContext): string | undefined {
  return diskImage(context, ['mkfs.xfs', '-q']);
}

/** The same of an ext4. */
export function ext4Image(context: TestContext): string | undefined {
  return diskImage(context, ['mkfs.ext4', '-q']);
}

/** The same of an ext4 that keeps no birth times, as those that were made before 2008. */
export function birthlessImage(context: TestContext): string | undefined {
  return diskImage(context, ['mkfs.ext4', '-q', '-I', '128']);
}

/** Unmounts such an image, and mounts it again. */
export function remountImage(mount: string): void {
  const failed = run('umount', mount) ?? run('mount', '-o', 'loop', join(mount, '../image'), mount);
  if (failed !== undefined) throw new Error(failed);
}

function diskImage(context: TestContext, [make, ...args]: readonly [string, ...string[]]): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'varve-test-'));
  const [image, mount] = [join(folder, 'image'), join(folder, 'mount')];
  writeFileSync(image, '');
  truncateSync(image, IMAGE_BYTES);
  mkdirSync(mount);
  const made = run(make, ...args, image);
  const mounted = made === undefined ? run('mount', '-o', 'loop', image, mount) : made;
  context.after(() => {
    if (mounted === undefined) run('umount', '--lazy', mount);
    rmSync(folder, { recursive: true });
  });
  if (skipUnless(context, mounted === undefined, `${make} has made nothing that can be mounted: ${mounted}`)) return undefined;
  return mount;
}

/** Undefined, or why it failed. */
function run(program: string, ...args: string[]): string | undefined {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? undefined : (error?.message ?? stderr);
}
