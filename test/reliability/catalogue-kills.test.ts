import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openForReading } from '../../src/catalogue/database.ts';
import { wallNs } from '../../src/sys/clock.ts';
import { KERNEL_WATCHERS } from '../support/each-watcher.ts';
import { halt } from '../support/halt.ts';
import { assertEqualsDisk, placesOf, replay } from '../support/live-catalogue.ts';
import { campaignRandom, sizeFromEnv } from '../support/random.ts';
import { scratchFolder, skipUnless } from '../support/scratch.ts';
import { startChurning } from '../support/start-churning.ts';
import { StartedCatalogue } from '../support/started-catalogue.ts';

const ROUNDS = sizeFromEnv('VARVE_KILLS', 6);
/** A kill comes at most so long after the start: some fall into the comparing scan, some behind it. */
const LONGEST_MS = 900;

test('a catalogue that is killed at any moment, while its files change, is whole, and has every event that somebody saw', async (context) => {
  if (skipUnless(context, process.platform === 'linux' && process.getuid?.() === 0, 'only root has every kind of watcher')) return;
  const random = campaignRandom(context);
  const home = fs.realpathSync(scratchFolder(context));
  const root = join(home, 'root');
  fs.mkdirSync(root);
  const database = join(home, 'catalogue.db');
  const churn = await startChurning(context, root);
  const start = async () => {
    const started = new StartedCatalogue(context, { database, roots: [root], watcher: random.pick(KERNEL_WATCHERS) });
    await started.ask('start');
    return started;
  };

  await halt(churn);
  const first = await start();
  await first.ask('sync');
  const reader = openForReading(database);
  assert.ok(reader);
  context.after(() => reader.close());
  const places = placesOf(reader);
  let replayed = 0;
  /** Events that were seen since they were compared last, and all before, with the number of the newest. */
  let seen = new Map<number, string>();
  const compared = new Map<number, string>();
  let newest = 0;
  let started = first;

  for (let round = 0; round < ROUNDS; round++) {
    churn.kill('SIGCONT');
    const beforeRound = newest;
    const until = performance.now() + random.below(LONGEST_MS);
    while (performance.now() < until) {
      for (const [id, event] of readEvents(reader, newest)) {
        seen.set(id, event);
        newest = Math.max(newest, id);
      }
      await sleep(random.below(30));
    }
    await started.kill();
    const killed = wallNs();
    await sleep(random.below(60));

    started = await start();
    // Sometimes it is killed before it has caught up.
    if (random.chance(0.3)) {
      await sleep(random.below(200));
      await started.kill();
      started = await start();
    }
    await halt(churn);
    await started.ask('sync');
    assertEqualsDisk({ root, reader });
    replayed = replay(reader, places, replayed);
    assert.deepEqual(places, placesOf(reader), 'the events lead to what is there');
    const now = readEvents(reader, beforeRound);
    for (const [id, event] of seen) {
      assert.equal(now.get(id), event);
      compared.set(id, event);
    }
    seen = new Map();
    assertGapOver(reader, killed);
  }
  const atLast = readEvents(reader, 0);
  for (const [id, event] of compared) assert.equal(atLast.get(id), event);
  assert.ok(compared.size > 0);
});

/** Events behind number `after`, as text. */
function readEvents(reader: DatabaseSync, after: number): Map<number, string> {
  const rows = reader.prepare(
    'SELECT id, CAST(time AS TEXT) AS time, node, kind, hex(toName) AS name, hex(before) AS before FROM event WHERE id > ?',
  );
  return new Map(rows.all(after).map((row) => [Number(row.id), JSON.stringify(row)]));
}

/** Fails unless there is a gap that was open at a time, and all are closed. */
function assertGapOver(reader: DatabaseSync, time: bigint): void {
  const over = reader
    .prepare(`SELECT count(*) AS count FROM gap WHERE reason = 'not running' AND opened < ? AND closed > ?`)
    .get(time, time);
  assert.ok(Number(over?.count) > 0, 'the time without a process is a gap');
  assert.equal(reader.prepare('SELECT count(*) AS count FROM gap WHERE closed IS NULL').get()?.count, 0);
}
