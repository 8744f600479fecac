/**
 * kill -9 at random moments. `VARVE_KILLS` says how many rounds, `VARVE_SEED` plays one again (as far as the scheduler of the kernel lets it).
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Datadir } from '../../src/store/datadir/datadir.ts';
import { Layout } from '../../src/store/datadir/layout.ts';
import { listSegments } from '../../src/store/datadir/segment-file.ts';
import { Archive } from '../../src/tree/archive.ts';
import { verify } from '../../src/tree/verify/verify.ts';
import { compareTrees } from '../support/compare-trees.ts';
import { campaignRandom, type Random, sizeFromEnv } from '../support/random.ts';
import { scratchFolder } from '../support/scratch.ts';
import { varve } from '../support/varve.ts';
import { ChurningTree } from './churning-tree.ts';
import { fingerprintOfFolder, fingerprintOfTree } from './fingerprint.ts';
import { acknowledgedTree, type Ended, Started } from './started.ts';

const ROUNDS = sizeFromEnv('VARVE_KILLS', 10);
/** `forget` keeps so many revisions of an archive. */
const KEPT = 3;
/** What runs at the same time in a round; all of it is killed. */
const SCENARIOS: readonly (readonly Work[])[] = [
  ['save a'],
  ['gc'],
  ['forget a'],
  ['save a', 'gc'],
  ['save a', 'save b', 'gc', 'forget a'],
  ['forget b', 'gc'],
  ['save a', 'save b'],
];
/** So small that most saves close one or a few, or leave one that the next takes up, or does not. */
const SEGMENT_BYTES = ['2000', '20000', '100000'];
/** A new store is begun after so many rounds, so that its making is met too. */
const ROUNDS_PER_STORE = 40;

type Work = 'save a' | 'save b' | 'gc' | 'forget a' | 'forget b';

/** A store under trial, and what it has promised. */
class Trial {
  readonly home: string;
  readonly storePath: string;
  readonly #random: Random;
  readonly #sources: Readonly<Record<string, ChurningTree>>;
  /** What each tree must read as. */
  readonly #fingerprints = new Map<string, string>();
  /** Trees that were acknowledged, by archive; what a `forget` may have dropped is not among them. */
  readonly #promised = new Map<string, string[]>();
  readonly #longestMs = new Map<string, number>();
  kills = 0;
  completed = 0;
  /** Of segments that were seen closed, the ids. */
  readonly closed = new Set<string>();

  constructor(folder: string, random: Random) {
    this.home = join(folder, 'home');
    this.storePath = join(this.home, 'store');
    this.#random = random;
    this.#sources = { a: new ChurningTree(join(folder, 'a'), random, 60), b: new ChurningTree(join(folder, 'b'), random, 20) };
  }

  argsOf(work: Work): string[] {
    const [command, archive = ''] = work.split(' ');
    if (command === 'save') return ['save', this.#source(archive).folder, '--archive', archive, '--json'];
    if (command === 'forget') return ['forget', archive, '--keep-last', String(KEPT)];
    return ['gc'];
  }

  /** Runs all of this at once and kills it at a random moment of the time that it takes. */
  async killDuring(works: readonly Work[]): Promise<void> {
    const expected = works.flatMap((work) => (work.startsWith('save') ? [this.#prepareSave(work.slice(5))] : []));
    this.#letForget(works);
    const longest = Math.max(...works.map((work) => this.#longestMs.get(work) ?? 400));
    const started = works.map((work) => new Started(this.home, this.argsOf(work), this.#smallSegments()));
    for (const one of started) one.killAfter(this.#random.fraction() * longest * 1.1);
    const ended = await Promise.all(started.map((one) => one.ended));
    for (const [i, one] of ended.entries()) this.#note(works[i] as Work, one, expected);
    this.#countClosed();
  }

  /** Runs one command to its end, which must be a good one. */
  async complete(work: Work): Promise<void> {
    const expected = work.startsWith('save') ? [this.#prepareSave(work.slice(5))] : [];
    const ended = await new Started(this.home, this.argsOf(work), this.#smallSegments()).ended;
    assert.equal(ended.status, 0, `${work} after kills: ${ended.stderr}`);
    this.#note(work, ended, expected);
    this.#countClosed();
  }

  /** Every revision that was acknowledged is there, every one that is there reads as what was saved, and verify finds nothing wrong. */
  async check(): Promise<void> {
    if (!fs.existsSync(join(this.storePath, 'store.json'))) {
      assert.deepEqual([...this.#promised.values()].flat(), [], 'the store is gone');
      return;
    }
    const store = new Datadir(this.storePath);
    try {
      const report = await verify(store, { threads: 0 });
      assert.deepEqual(
        report.problems.filter(({ harmless }) => !harmless),
        [],
      );
      assert.deepEqual(report.touched, []);
      for (const archive of ['a', 'b']) {
        const { revisions, damaged } = await new Archive(store.archive(archive)).read();
        assert.deepEqual(damaged, []);
        const trees = revisions.map(({ tree }) => tree);
        for (const tree of this.#promised.get(archive) ?? []) assert.ok(trees.includes(tree), `acknowledged ${tree} is not in ${archive}`);
        for (const tree of new Set(trees))
          assert.equal(await fingerprintOfTree(store, tree), this.#fingerprints.get(tree), `${tree} of ${archive} reads otherwise`);
      }
    } finally {
      await store.close();
    }
  }

  /** A restore by the command itself, compared with the source. */
  restoreAndCompare(folder: string): void {
    const target = join(folder, 'restored');
    const { status, stderr } = varve(this.home, ['restore', 'a', target]);
    assert.equal(status, 0, stderr);
    assert.deepEqual(compareTrees(this.#source('a').folder, target), []);
    fs.rmSync(target, { recursive: true });
  }

  /** What a `forget` may drop is promised no longer: all but the newest, of which a save at the same time may add one. Those that were never acknowledged count too. */
  #letForget(works: readonly Work[]): void {
    for (const work of works) {
      const [command, archive = ''] = work.split(' ');
      if (command !== 'forget') continue;
      const kept = this.#treesIn(archive).slice(works.includes(`save ${archive}` as Work) ? 1 - KEPT : -KEPT);
      this.#promised.set(
        archive,
        (this.#promised.get(archive) ?? []).filter((tree) => kept.includes(tree)),
      );
    }
  }

  /** What is in an archive, oldest first. */
  #treesIn(archive: string): string[] {
    const file = join(this.storePath, 'archives', `${archive}.varve`);
    if (!fs.existsSync(file)) return [];
    const lines = fs
      .readFileSync(file, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as { time: string; tree: string });
    return lines.sort((a, b) => (a.time < b.time ? -1 : 1)).map(({ tree }) => tree);
  }

  #smallSegments(): NodeJS.ProcessEnv {
    return { VARVE_TEST_SEGMENT_BYTES: this.#random.pick(SEGMENT_BYTES) };
  }

  #countClosed(): void {
    for (const { id, growing } of listSegments(new Layout(this.storePath)).values()) if (!growing) this.closed.add(id);
  }

  #source(archive: string): ChurningTree {
    return this.#sources[archive] as ChurningTree;
  }

  #prepareSave(archive: string): { archive: string; fingerprint: string } {
    this.#source(archive).churn();
    return { archive, fingerprint: fingerprintOfFolder(this.#source(archive).folder) };
  }

  #note(work: Work, ended: Ended, expected: readonly { archive: string; fingerprint: string }[]): void {
    if (ended.signal === 'SIGKILL') this.kills++;
    else this.completed++;
    const collides = ended.status === 1 && /another process is removing/.test(ended.stderr);
    const nothingYet = ended.status !== 0 && /no archive|there is no store/.test(ended.stderr);
    assert.ok(
      ended.signal === 'SIGKILL' || ended.status === 0 || collides || nothingYet,
      `${work} ended with ${ended.status}: ${ended.stderr}`,
    );
    if (ended.status === 0) this.#longestMs.set(work, ended.elapsedMs);
    const [command, archive = ''] = work.split(' ');
    if (command !== 'save') return;
    const tree = acknowledgedTree(ended);
    const promised = this.#promised.get(archive) ?? [];
    if (tree !== undefined) this.#promised.set(archive, [...promised, tree]);
    this.#expect(expected.find((one) => one.archive === archive) as { fingerprint: string }, tree, archive);
  }

  /** A save that was killed may have added its revision without having said so: then the newest line is it. */
  #expect({ fingerprint }: { fingerprint: string }, acknowledged: string | undefined, archive: string): void {
    if (acknowledged !== undefined) this.#fingerprints.set(acknowledged, fingerprint);
    const newest = this.#treesIn(archive).at(-1);
    if (newest !== undefined && !this.#fingerprints.has(newest)) this.#fingerprints.set(newest, fingerprint);
  }
}

test(`nothing acknowledged is lost, and all goes on, when save, gc and forget are killed ${ROUNDS} times`, {
  timeout: 24 * 3_600_000,
}, async (context: TestContext) => {
  const random = campaignRandom(context);
  const folder = scratchFolder(context);
  let kills = 0;
  let closed = 0;
  let trial: Trial | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    if (round % ROUNDS_PER_STORE === 0) {
      if (trial) fs.rmSync(join(folder, String(round - ROUNDS_PER_STORE)), { recursive: true });
      trial = new Trial(join(folder, String(round)), random);
    }
    const current = trial as Trial;
    const before = { kills: current.kills, closed: current.closed.size };
    try {
      await current.killDuring(round % ROUNDS_PER_STORE === 0 ? ['save a'] : random.pick(SCENARIOS));
      await current.check();
      if (round % 5 === 4) {
        await current.complete('save a');
        await current.complete('gc');
        await current.check();
        current.restoreAndCompare(folder);
      }
    } catch (error) {
      context.diagnostic(`failed in round ${round}`);
      if (process.env.VARVE_KEEP) fs.cpSync(current.home, process.env.VARVE_KEEP, { recursive: true });
      throw error;
    }
    kills += current.kills - before.kills;
    closed += current.closed.size - before.closed;
  }
  context.diagnostic(`${kills} processes killed in ${ROUNDS} rounds, ${closed} segments closed`);
  assert.ok(closed > 0 || ROUNDS < 5);
});
