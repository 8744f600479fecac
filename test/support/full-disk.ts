import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { mock } from 'node:test';

const MEGABYTE = 1 << 20;

/** As on a full disk, no file can be made while `run` runs. */
export async function onFullDisk(run: () => Promise<void>): Promise<void> {
  const open = fs.openSync;
  const failing = mock.method(fs, 'openSync', ((file: string, flags: string, mode: number) => {
    if (String(flags).includes('w'))
      throw Object.assign(new Error('ENOSPC: no space left on device, open'), { code: 'ENOSPC', syscall: 'open' });
    return open(file, flags, mode);
  }) as typeof fs.openSync);
  try {
    await run();
  } finally {
    failing.mock.restore();
  }
}

/** Fills what is left of the file system of a folder, to the last block, with a file of that name; returns its path. */
export function fillDisk(folder: string, name = 'ballast'): string {
  const file = join(folder, name);
  const fd = fs.openSync(file, 'w');
  try {
    for (const piece of [MEGABYTE, 4096]) {
      try {
        for (;;) fs.writeSync(fd, Buffer.alloc(piece));
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
      }
    }
  } finally {
    fs.closeSync(fd);
  }
  return file;
}
