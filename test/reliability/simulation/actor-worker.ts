import { parentPort, workerData } from 'node:worker_threads';
import { Turn } from './turns.ts';
import { putVersion, sourceOf } from './versions.ts';
import type { ActorData, Done, Work } from './work.ts';
import { yieldBeforeCalls } from './yielding-calls.ts';

/** A thread of the simulation. The store's modules are loaded after node:fs has learned to wait for turns. */
const { turns, thread, folder } = workerData as ActorData;
const turn = new Turn(turns, thread);
let working = false;
yieldBeforeCalls(folder, () => {
  if (working) turn.await();
});

const { nameFromText } = await import('../../../src/base/names.ts');
const { digestFromText } = await import('../../../src/hash/digest.ts');
const { Datadir } = await import('../../../src/store/datadir/datadir.ts');
const { Archive } = await import('../../../src/tree/archive.ts');
const { collect } = await import('../../../src/tree/collect.ts');
const { dropRevisions } = await import('../../../src/tree/forget.ts');
const { save } = await import('../../../src/tree/save/save.ts');
const { verify } = await import('../../../src/tree/verify/verify.ts');
const { fingerprintOfTree } = await import('../fingerprint.ts');

parentPort?.on('message', async (work: Work) => {
  if (work.type === 'save') putVersion(work.versions, work.version);
  working = true;
  turn.await();
  let done: Done;
  try {
    done = { outcome: await perform(work) };
  } catch (error) {
    done = { failure: `${work.type}: ${(error as Error).stack}` };
  }
  working = false;
  parentPort?.postMessage(done);
  turn.end();
});
parentPort?.postMessage('ready');

async function perform(work: Work): Promise<string> {
  const store = new Datadir(work.store);
  try {
    switch (work.type) {
      case 'save': {
        const { archive, cacheFile } = work;
        return (await save({ store, archive, cacheFile, source: nameFromText(sourceOf(work.versions)), options: { threads: 0 } })).tree;
      }
      case 'gc':
        await collect(store).catch(unlessBusy);
        return '';
      case 'forget': {
        const archive = new Archive(store.archive(work.archive));
        const { revisions } = await archive.read();
        await dropRevisions(store, archive, revisions.slice(0, Math.max(0, revisions.length - work.keep)));
        return '';
      }
      case 'verify': {
        const { problems, touched } = await verify(store, { threads: 0 });
        const harm = problems.filter(({ harmless }) => !harmless);
        if (harm.length + touched.length > 0) throw new Error(`false alarm: ${JSON.stringify([harm, touched])}`);
        return '';
      }
      case 'read':
        return await readNewest(store, work.archive);
    }
  } finally {
    await store.close();
  }
}

/** As restoring does: pin first, then look whether it is still there, and then rely on it. */
async function readNewest(store: InstanceType<typeof Datadir>, name: string): Promise<string> {
  const archive = new Archive(store.archive(name));
  const tree = (await archive.read()).revisions.at(-1)?.tree;
  if (tree === undefined) return '';
  const hold = await store.hold([digestFromText(tree)]);
  try {
    if ((await archive.read()).revisions.some((revision) => revision.tree === tree)) await fingerprintOfTree(store, tree);
  } finally {
    await hold.release();
  }
  return '';
}

/** One collection at a time; the next may come later. */
function unlessBusy(error: Error): void {
  if (!/another process is removing/.test(error.message)) throw error;
}
