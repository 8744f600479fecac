/** Many processes on one store that none of them has made yet: savers, collectors and forgetters in loops, for `VARVE_STRESS_SECONDS`. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Datadir } from '../../src/store/datadir/datadir.ts';
import { Archive } from '../../src/tree/archive.ts';
import { verify } from '../../src/tree/verify/verify.ts';
import { campaignRandom, sizeFromEnv } from '../support/random.ts';
import { scratchFolder } from '../support/scratch.ts';
import { ChurningTree } from './churning-tree.ts';
import { fingerprintOfFolder, fingerprintOfTree } from './fingerprint.ts';
import { acknowledgedTree, Started } from './started.ts';

const SECONDS = sizeFromEnv('VARVE_STRESS_SECONDS', 5);
/** Two of the savers share an archive. */
const SAVERS = ['one', 'two', 'two'] as const;
const KEPT = 4;

test(`processes that save, forget and collect on one store for ${SECONDS} s do each other no harm`, {
  timeout: 24 * 3_600_000,
}, async (context: TestContext) => {
  const random = campaignRandom(context);
  const folder = scratchFolder(context);
  const home = join(folder, 'home');
  const fingerprints = new Map<string, string>();
  const counts = { save: 0, gc: 0, forget: 0, verify: 0 };
  const endsAt = performance.now() + SECONDS * 1000;

  const run = async (args: readonly string[], mayFailWith: RegExp): Promise<string> => {
    const ended = await new Started(home, args).ended;
    counts[args[0] as keyof typeof counts]++;
    assert.ok(ended.status === 0 || mayFailWith.test(ended.stderr), `${args.join(' ')} ended with ${ended.status}: ${ended.stderr}`);
    return acknowledgedTree(ended) ?? '';
  };
  const loop = async (step: () => Promise<unknown>): Promise<void> => {
    do await step();
    while (performance.now() < endsAt);
  };
  const saver = (archive: string, number: number) => {
    const source = new ChurningTree(join(folder, `source ${number}`), random, 30);
    return loop(async () => {
      source.churn();
      const fingerprint = fingerprintOfFolder(source.folder);
      fingerprints.set(await run(['save', source.folder, '--archive', archive, '--json'], /^$/), fingerprint);
    });
  };
  const busy = /another process is removing/;
  const nothingYet = /no archive/;
  await Promise.all([
    ...SAVERS.map(saver),
    loop(() => run(['gc'], busy)),
    loop(() => run(['forget', 'one', '--keep-last', String(KEPT)], nothingYet)),
    loop(() => run(['forget', 'two', '--keep-last', String(KEPT)], nothingYet)),
    loop(() => run(['verify'], /^$/)),
  ]);

  const store = new Datadir(join(home, 'store'));
  context.after(() => store.close());
  const { problems, touched } = await verify(store, { threads: 0 });
  assert.deepEqual(
    problems.filter(({ harmless }) => !harmless),
    [],
  );
  assert.deepEqual(touched, []);
  for (const archive of new Set(SAVERS)) {
    const { revisions } = await new Archive(store.archive(archive)).read();
    assert.ok(revisions.length > 0);
    for (const { tree } of revisions) assert.equal(await fingerprintOfTree(store, tree), fingerprints.get(tree));
  }
  context.diagnostic(JSON.stringify(counts));
});
