import { mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from './measure.ts';

/** More than the largest trial writes; the image file is sparse. */
const IMAGE_SIZE = '60G';

/**
 * Hands out an empty folder under `scratch` and takes it away afterwards. As root on Linux the folder is an ext4 file system of its own, fresh for
 * each trial: on a used one, ext4 passes over every inode that was deleted within the last minutes, one by one (`recently_deleted` in
 * fs/ext4/ialloc.c), so that making 20 000 files after deleting as many takes 12 s instead of 1 s, and whoever comes first pays nothing.
 */
export async function onFreshDisk<Result>(scratch: string, use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = join(scratch, `trial-${process.pid}`);
  mkdirSync(folder);
  const image = `${folder}.img`;
  const mounted = ownsFileSystems() && (await mount(image, folder));
  try {
    return await use(folder);
  } finally {
    if (mounted) await runToEnd({ argv: ['umount', folder] });
    else rmSync(folder, { recursive: true });
    if (mounted) rmdirSync(folder);
    rmSync(image, { force: true });
  }
}

/** Whether trials get file systems of their own here; if not, times of what makes many files depend on what was deleted before. */
export function ownsFileSystems(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0;
}

/** False where there are no loop devices. */
async function mount(image: string, folder: string): Promise<boolean> {
  await runToEnd({ argv: ['truncate', '-s', IMAGE_SIZE, image] });
  // What ext4 would set up lazily, in the background, stays undone: it would run beside what is measured.
  await runToEnd({ argv: ['mkfs.ext4', '-q', '-m', '0', '-E', 'lazy_itable_init=1,lazy_journal_init=1,nodiscard', image] });
  try {
    await runToEnd({ argv: ['mount', '-o', 'loop,noinit_itable', image, folder] });
    await runToEnd({ argv: ['rmdir', join(folder, 'lost+found')] });
    return true;
  } catch {
    return false;
  }
}
