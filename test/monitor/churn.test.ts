/** A monitor beside a program that changes files and whole directories all the time. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { WATCHER_KINDS } from '../../src/sys/watch/kinds.ts';
import { halt } from '../support/halt.ts';
import { Monitored } from '../support/monitored.ts';
import { campaignSeed } from '../support/random.ts';
import { until } from '../support/until.ts';

const PROGRAM = fileURLToPath(new URL('../support/churning-process.ts', import.meta.url));
const ROUNDS = 6;
/** Changes that are told before the program is halted and all of it compared. */
const CHANGES = 300;

for (const source of [...WATCHER_KINDS, 'polling'] as const)
  test(`what changes while it is looked at is told in the end (${source})`, async (context) => {
    if (process.platform !== 'linux') return;
    const top = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'varve-test-')));
    const seed = campaignSeed();
    context.diagnostic(`VARVE_SEED=${seed}`);
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, top, String(seed)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const gone = once(child, 'exit');
    context.after(async () => {
      child.kill('SIGKILL');
      await gone;
      fs.rmSync(top, { recursive: true, maxRetries: 3 });
    });
    await once(child.stdout, 'data');
    const monitored = new Monitored(context, top, { source, intervalMs: 1 });
    for (let round = 0; round < ROUNDS; round++) {
      const from = monitored.count;
      await Promise.race([until(() => monitored.count >= from + CHANGES), monitored.ended]);
      await halt(child);
      await Promise.race([monitored.told(), monitored.ended]);
      monitored.replay.assertEquals(top);
      child.kill('SIGCONT');
    }
  });
