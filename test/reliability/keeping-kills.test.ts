import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { encodeRef } from '../../src/block/ref-codec.ts';
import { refFromText } from '../../src/block/ref-text.ts';
import { blake3 } from '../../src/hash/blake3.ts';
import { Datadir } from '../../src/store/datadir/datadir.ts';
import { collect } from '../../src/tree/collect.ts';
import { readContent } from '../support/live-files.ts';
import { campaignRandom, sizeFromEnv } from '../support/random.ts';
import { scratchFolder } from '../support/scratch.ts';

const ROUNDS = sizeFromEnv('VARVE_KILLS', 4);
const PROGRAM = fileURLToPath(new URL('../support/keeping-process.ts', import.meta.url));

test('a content that was acknowledged outlives a kill at any moment, and a collection after it', async (context) => {
  const random = campaignRandom(context);
  const folder = scratchFolder(context);
  const live = join(folder, 'live');
  fs.mkdirSync(live);
  const store = new Datadir(join(folder, 'store'), {
    create: { hash: blake3, chunking: { minBytes: 4096, targetBytes: 16384, maxBytes: 65536 } },
  });
  void store.hash;
  const contents = new Set<string>();
  const acknowledged = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < 40; i++) {
      const bytes = random.bytes(random.pick([30, 900, 20_000, 200_000]));
      fs.writeFileSync(join(live, `${i}`), bytes);
      contents.add(bytes.toString('latin1'));
    }
    const keeping = spawn(process.execPath, [PROGRAM, store.name, live], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(keeping, 'exit');
    let linesLeft = random.below(60);
    for await (const line of createInterface(keeping.stdout)) {
      acknowledged.add(line);
      if (linesLeft-- === 0) keeping.kill('SIGKILL');
    }
    assert.deepEqual(await ended, [null, 'SIGKILL']);
    await collect(store);
    for (const line of acknowledged) {
      const ref = refFromText(line);
      const bytes = await readContent(store, { ref: encodeRef(ref), size: ref.size });
      assert.ok(contents.has(bytes.toString('latin1')));
    }
    await store.close();
  }
  assert.ok(acknowledged.size > 0);
});
