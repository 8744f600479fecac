import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from '../../../test/support/until.ts';
import type { Chore } from './types.ts';
import { Upkeep } from './upkeep.ts';

const LIMIT = { timeout: 10_000 };

/** A chore of so many steps, each of which keeps the thread busy for a while. */
class Steps implements Chore {
  done = 0;
  runs = 0;
  ended = false;
  readonly #count: number;
  readonly #stepMs: number;
  #isDue = true;

  constructor(count: number, stepMs: number) {
    this.#count = count;
    this.#stepMs = stepMs;
  }

  dueInMs(): number | undefined {
    return this.#isDue ? 0 : undefined;
  }

  *run(): Generator<void, void> {
    this.#isDue = false;
    this.runs++;
    try {
      for (let i = 0; i < this.#count; i++) {
        for (const end = performance.now() + this.#stepMs; performance.now() < end; );
        this.done++;
        yield;
      }
    } finally {
      this.ended = true;
    }
  }
}

const fail = (error: unknown) => assert.fail(String(error));

describe('upkeep', LIMIT, () => {
  it('lets others have their turn every few milliseconds', async () => {
    const chore = new Steps(100, 1);
    const upkeep = new Upkeep([chore], { mayWork: () => true, onFailure: fail });
    upkeep.goOn();
    const seen: number[] = [];
    await until(() => {
      seen.push(chore.done);
      return chore.done === 100;
    });
    upkeep.close();
    assert.ok(seen.length > 10, `others had ${seen.length} turns`);
    for (const [i, done] of seen.entries()) assert.ok(done - (seen[i - 1] ?? 0) <= 20);
  });

  it('rests while something else has to be done, and goes on where it was', async () => {
    let mayWork = true;
    const chore = new Steps(20, 1);
    const upkeep = new Upkeep([chore], { mayWork: () => mayWork, onFailure: fail });
    upkeep.goOn();
    await until(() => chore.done > 0);
    mayWork = false;
    const other = new Steps(20, 1);
    const others = new Upkeep([other], { mayWork: () => true, onFailure: fail });
    others.goOn();
    const before = chore.done;
    await until(() => other.ended);
    assert.ok(chore.done <= before + 1);
    mayWork = true;
    upkeep.goOn();
    await until(() => chore.ended);
    assert.deepEqual([chore.done, chore.runs], [20, 1]);
    upkeep.close();
    others.close();
  });

  it('does one chore behind the other, and then nothing', async () => {
    const chores = [new Steps(3, 0), new Steps(3, 0)];
    const upkeep = new Upkeep(chores, { mayWork: () => true, onFailure: fail });
    upkeep.goOn();
    await until(() => chores.every(({ ended }) => ended));
    upkeep.goOn();
    assert.deepEqual(
      chores.map(({ runs }) => runs),
      [1, 1],
    );
    upkeep.close();
  });

  it('gives up what is under way when it is closed', async () => {
    const chore = new Steps(1000, 1);
    const upkeep = new Upkeep([chore], { mayWork: () => true, onFailure: fail });
    upkeep.goOn();
    await until(() => chore.done > 0);
    upkeep.close();
    assert.ok(chore.ended);
    assert.ok(chore.done < 1000);
  });

  it('tells what goes wrong, once', async () => {
    const failures: unknown[] = [];
    const chore: Chore = {
      dueInMs: () => 0,
      // biome-ignore lint/correctness/useYield: it fails before its first step ends
      *run() {
        throw new Error('the disk is full');
      },
    };
    const upkeep = new Upkeep([chore], { mayWork: () => true, onFailure: (error) => failures.push(error) });
    upkeep.goOn();
    await until(() => failures.length > 0);
    upkeep.goOn();
    assert.equal(failures.length, 1);
  });
});
