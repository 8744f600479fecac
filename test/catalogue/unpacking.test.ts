import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { join } from 'node:path';
import { withEachWatcher } from '../support/each-watcher.ts';
import { assertEqualsDisk, liveCatalogue } from '../support/live-catalogue.ts';
import { sizeFromEnv } from '../support/random.ts';

const DIRECTORIES = sizeFromEnv('VARVE_DIRECTORIES', 300);

/** As tar does: directories are closed to others while they are filled, and get their mode and times at the end. Not by Node's watcher, which loses events of such bursts without a word. */
withEachWatcher('what is unpacked has the modes that it was given last, though it was listed before', async (context, watcher) => {
  const catalogue = await liveCatalogue(context, { watcher });
  const { root, outside, service } = catalogue;
  await service.sync();
  const packed = join(outside, 'packed');
  for (let i = 0; i < DIRECTORIES; i++) {
    const directory = join(packed, `directory-${i}`, 'below');
    fs.mkdirSync(directory, { recursive: true });
    for (let file = 0; file < 5; file++) fs.writeFileSync(join(directory, `file-${file}`), String(file));
  }
  const archive = join(outside, 'archive.tar');
  execFileSync('tar', ['-cf', archive, '-C', outside, 'packed']);
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
