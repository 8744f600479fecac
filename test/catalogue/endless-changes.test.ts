/** Sync points while other programs change files as fast as they can, so that there is always something in limbo, and nearly always something to be scanned. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { liveCatalogue } from '../support/live-catalogue.ts';
import { campaignRandom } from '../support/random.ts';
import { startChurning } from '../support/start-churning.ts';

const PROGRAMS = 2;
const SYNC_POINTS = 3;

test('a sync point comes, with all that was done before, while files change without end', { timeout: 120_000 }, async (context) => {
  campaignRandom(context);
  const { root, service, reader } = await liveCatalogue(context);
  for (let i = 0; i < PROGRAMS; i++) {
    const folder = join(root, `${i}`);
    fs.mkdirSync(folder);
    await startChurning(context, folder);
  }
  const find = reader.prepare('SELECT 1 FROM node WHERE name = CAST(? AS BLOB) AND parent > 0');
  for (let i = 0; i < SYNC_POINTS; i++) {
    const name = `before ${i}`;
    fs.writeFileSync(join(root, name), '');
    if (i > 0) fs.rmSync(join(root, `before ${i - 1}`));
    const fromMs = performance.now();
    await service.sync();
    context.diagnostic(`${Math.round(performance.now() - fromMs)} ms`);
    assert.ok(find.get(name), `${name} is known`);
    assert.equal(find.get(`before ${i - 1}`), undefined, 'what was gone by then is gone');
  }
});
