import * as fs from 'node:fs';
import { join } from 'node:path';
import { birthlessImage } from '../support/disk-image.ts';
import { withEachWatcher } from '../support/each-watcher.ts';
import { assertEqualsDisk, liveCatalogue } from '../support/live-catalogue.ts';

withEachWatcher(
  'where no birth times are kept, a folder that is made anew with its inode is known and watched',
  async (context, watcher) => {
    const home = birthlessImage(context);
    if (home === undefined) return;
    const catalogue = await liveCatalogue(context, { watcher, home });
    const { root, service } = catalogue;
    await service.sync();
    const folder = join(root, 'folder');
    for (let round = 0; round < 10; round++) {
      fs.mkdirSync(join(folder, 'inner'), { recursive: true });
      fs.writeFileSync(join(folder, 'file'), '1');
      await service.sync();
      assertEqualsDisk(catalogue);
      fs.rmSync(folder, { recursive: true });
      fs.mkdirSync(folder);
      if (round % 2 === 0) await service.sync();
      fs.writeFileSync(join(folder, `new ${round}`), '1');
      await service.sync();
      assertEqualsDisk(catalogue);
      // Another takes the inode elsewhere.
      fs.rmSync(folder, { recursive: true });
      fs.mkdirSync(join(root, `other ${round}`));
      fs.writeFileSync(join(root, `other ${round}`, 'file'), '1');
      await service.sync();
      assertEqualsDisk(catalogue);
    }
  },
);
