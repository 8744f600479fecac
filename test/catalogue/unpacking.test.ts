import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { join } from 'node:path';
import { withEachWatcher } from '../support/each-watcher.ts';
import { assertEqualsDisk, liveCatalogue } from '../support/live-catalogue.ts';
import { packTree } from '../support/packed-tree.ts';
import { sizeFromEnv } from '../support/random.ts';

const DIRECTORIES = sizeFromEnv('VARVE_DIRECTORIES', 300);

/** As tar does: directories are closed to others while they are filled, and get their mode and times at the end. Not by Node's watcher, which loses events of such bursts without a word. */
withEachWatcher('what is unpacked has the modes that it was given last, though it was listed before', async (context, watcher) => {
  const catalogue = await liveCatalogue(context, { watcher });
  const { root, outside, service } = catalogue;
  await service.sync();
  const archive = packTree(outside, DIRECTORIES);
  for (let round = 0; round < 3; round++) {
    const tar = spawn('tar', ['-xf', archive, '-C', root]);
    await once(tar, 'close');
    await service.sync();
    assertEqualsDisk(catalogue);
    fs.rmSync(join(root, 'packed'), { recursive: true });
  }
  await service.sync();
  assertEqualsDisk(catalogue);
});
