import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { liveCatalogue } from '../support/live-catalogue.ts';
import { scratchFolder, skipUnless } from '../support/scratch.ts';

const FILES = 8_000;
const ROUNDS = 12;
/** A scan begins behind the start of its threads. */
const BEGUN_MS = 60;
const STEP_MS = 6;

test('a catalogue that is closed in the middle of a scan leaves nothing open', async (context) => {
  if (skipUnless(context, process.platform === 'linux', 'open files are counted in /proc')) return;
  const home = fs.realpathSync(scratchFolder(context));
  fs.mkdirSync(join(home, 'root'));
  for (let file = 0; file < FILES; file++) fs.writeFileSync(join(home, 'root', `${file}`), '');
  for (let round = 0; round < ROUNDS; round++) {
    const catalogue = await liveCatalogue(context, { home });
    await sleep(BEGUN_MS + STEP_MS * round);
    await catalogue.close();
    assert.equal(openBelow(home), 0, `round ${round}`);
  }
});

/** How many descriptors this process has of what is in a folder. */
function openBelow(folder: string): number {
  let count = 0;
  for (const fd of fs.readdirSync('/proc/self/fd')) {
    try {
      if (fs.readlinkSync(join('/proc/self/fd', fd)).startsWith(folder)) count++;
    } catch {
      // That of the list itself is closed by now.
    }
  }
  return count;
}
