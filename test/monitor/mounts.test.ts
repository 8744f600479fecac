/** File systems that are mounted in a tree that is monitored. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { WATCHER_KINDS } from '../../src/sys/watch/kinds.ts';
import { Monitored } from '../support/monitored.ts';
import { mountAgain, mountingFolder, mountMemory, skipWithoutMounts, unmount } from '../support/mounts.ts';

type Source = (typeof WATCHER_KINDS)[number] | 'polling';

function withMounts(
  sentence: string,
  sources: readonly Source[],
  body: (context: TestContext, source: Source, top: string) => Promise<void>,
): void {
  for (const source of sources)
    test(`${sentence} (${source})`, async (context) => {
      if (skipWithoutMounts(context)) return;
      const top = join(mountingFolder(context), 'top');
      fs.mkdirSync(top);
      await body(context, source, top);
    });
}

withMounts(
  'a directory that is mounted a second time is shown and not entered',
  [...WATCHER_KINDS, 'polling'],
  async (context, source, top) => {
    for (const name of ['original', 'second']) fs.mkdirSync(join(top, name));
    fs.writeFileSync(join(top, 'original/file'), '');
    mountAgain(join(top, 'original'), join(top, 'second'));
    const monitored = new Monitored(context, top, { source });
    assert.equal((await monitored.told()).filter((each) => each.endsWith('/file')).length, 1);
  },
);

withMounts(
  'what is mounted comes, and what is unmounted goes',
  WATCHER_KINDS.filter((kind) => kind !== 'node'),
  async (context, source, top) => {
    fs.mkdirSync(join(top, 'stick'));
    const monitored = new Monitored(context, top, { source });
    await monitored.told();
    mountMemory(join(top, 'stick'));
    fs.writeFileSync(join(top, 'stick/a'), '');
    assert.ok((await monitored.told()).includes('+ stick/a'));
    fs.writeFileSync(join(top, 'stick/b'), '');
    assert.deepEqual(await monitored.told(), ['+ stick/b']);
    unmount(join(top, 'stick'));
    assert.ok((await monitored.told()).includes('- stick/b'));
    monitored.replay.assertEquals(top);
  },
);
