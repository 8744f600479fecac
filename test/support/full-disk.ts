import fs from 'node:fs';
import { mock } from 'node:test';

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
