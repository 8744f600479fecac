/**
 * Every call that writes fails in turn. `VARVE_FAILURES` says how many of the calls of each command are tried (0: all of them, with every error), `VARVE_SEED` which.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { Datadir } from '../../src/store/datadir/datadir.ts';
import { Archive } from '../../src/tree/archive.ts';
import { verify } from '../../src/tree/verify/verify.ts';
import { campaignRandom, type Random, sizeFromEnv } from '../support/random.ts';
import { scratchFolder, skipUnless } from '../support/scratch.ts';
import { varve } from '../support/varve.ts';
import { ChurningTree } from './churning-tree.ts';
import { type Call, canTrace, changingCalls, ERRORS, type FailedRun, runWithFailing } from './failing-calls.ts';
import { fingerprintOfFolder, fingerprintOfTree } from './fingerprint.ts';
import { acknowledgedTree } from './started.ts';

const TRIED = sizeFromEnv('VARVE_FAILURES', 3);

/** A home with a store of some revisions, of which each trial gets a copy, and a folder that has changed since. */
class Bench {
  readonly folder: string;
  readonly home: string;
  readonly source: ChurningTree;
  readonly target: string;
  readonly #template: string;
  /** What the trees read as. */
  readonly #fingerprints = new Map<string, string>();

  constructor(context: TestContext, random: Random) {
    this.folder = scratchFolder(context);
    this.home = join(this.folder, 'home');
    this.target = join(this.folder, 'target');
    this.#template = join(this.folder, 'template');
    this.source = new ChurningTree(join(this.folder, 'source'), random, 30);
    const dropped = join(this.source.folder, 'only in the first revision');
    fs.writeFileSync(dropped, random.bytes(500_000));
    for (let i = 0; i < 4; i++) {
      this.#fingerprints.set(
        this.#run(['save', this.source.folder, '--archive', 'a', '--json', '--threads', '0']),
        fingerprintOfFolder(this.source.folder),
      );
      fs.rmSync(dropped, { force: true });
      this.source.churn();
    }
    varve(this.home, ['forget', 'a', '--keep-last', '3']);
    fs.renameSync(this.home, this.#template);
  }

  reset(): void {
    fs.rmSync(this.home, { recursive: true, force: true });
    fs.rmSync(this.target, { recursive: true, force: true });
    fs.cpSync(this.#template, this.home, { recursive: true });
  }

  /** All revisions read as what was saved, there are at least so many, and verify finds nothing wrong. */
  async check(leastRevisions: number): Promise<void> {
    const store = new Datadir(join(this.home, 'store'));
    try {
      const { problems, touched } = await verify(store, { threads: 0 });
      assert.deepEqual(
        problems.filter(({ harmless }) => !harmless),
        [],
      );
      assert.deepEqual(touched, []);
      const { revisions } = await new Archive(store.archive('a')).read();
      assert.ok(revisions.length >= leastRevisions, `${revisions.length} revisions are left`);
      const now = fingerprintOfFolder(this.source.folder);
      for (const { tree } of revisions) assert.equal(await fingerprintOfTree(store, tree), this.#fingerprints.get(tree) ?? now);
    } finally {
      await store.close();
    }
  }

  #run(args: string[]): string {
    const { status, stdout, stderr } = varve(this.home, args);
    assert.equal(status, 0, stderr);
    return acknowledgedTree({ stdout }) ?? '';
  }
}

function sample(calls: readonly Call[], random: Random): { call: Call; error: string }[] {
  if (TRIED === 0) return calls.flatMap((call) => ERRORS.map((error) => ({ call, error })));
  return Array.from({ length: TRIED }, () => ({ call: random.pick(calls), error: random.pick(ERRORS) }));
}

function checkTelling({ status, signal, stderr }: FailedRun, told: string): void {
  assert.equal(signal, null, told);
  assert.notEqual(status, null, told);
  assert.doesNotMatch(stderr, /bug in varve|unexpected:/, told);
  if (status !== 0) assert.match(stderr, /\S/, told);
}

const COMMANDS: readonly { readonly title: string; readonly args: (bench: Bench) => string[]; readonly revisions: number }[] = [
  { title: 'save', args: ({ source }) => ['save', source.folder, '--archive', 'a', '--json', '--threads', '0'], revisions: 3 },
  { title: 'gc', args: () => ['gc'], revisions: 3 },
  { title: 'forget', args: () => ['forget', 'a', '--keep-last', '2'], revisions: 2 },
  { title: 'restore', args: ({ target }) => ['restore', 'a', target, '--threads', '0'], revisions: 3 },
  { title: 'tag', args: () => ['tag', 'a', 'good'], revisions: 3 },
];

describe('when a call that writes fails', { timeout: 24 * 3_600_000 }, () => {
  for (const { title, args, revisions } of COMMANDS) {
    test(`${title} says so, harms nothing, and works again afterwards`, async (context) => {
      if (skipUnless(context, canTrace(), 'strace is missing or may not trace')) return;
      const random = campaignRandom(context);
      const bench = new Bench(context, random);
      const command = args(bench);
      bench.reset();
      const calls = changingCalls(bench.home, command, bench.folder);
      assert.ok(calls.length > 0);
      let missed = 0;
      for (const { call, error } of sample(calls, random)) {
        bench.reset();
        const run = runWithFailing(bench.home, command, call, error);
        // Another run may do a little more or less before.
        if (run.failed === undefined || !run.failed.includes(bench.folder)) missed++;
        const told = `${error} in ${run.failed}: status ${run.status}, ${run.stderr}`;
        checkTelling(run, told);
        try {
          await bench.check(revisions);
          const again = varve(bench.home, command);
          assert.equal(again.status, 0, `again after ${told}: ${again.stderr}`);
          await bench.check(revisions);
          if (title === 'restore') assert.equal(fingerprintOfFolder(bench.target), fingerprintOfFolder(restored(bench)));
        } catch (problem) {
          context.diagnostic(told);
          throw problem;
        }
      }
      context.diagnostic(`${calls.length} calls of ${title}, ${missed} trials missed theirs`);
    });
  }
});

/** The newest revision restored where nothing fails. */
function restored(bench: Bench): string {
  const folder = join(bench.folder, 'reference');
  if (!fs.existsSync(folder)) assert.equal(varve(bench.home, ['restore', 'a', folder]).status, 0);
  return folder;
}
