import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { skipUnless } from '../../test/support/scratch.ts';
import { system } from './system.ts';

/** Resident pages of the program's own file by where they are mapped, in KiB. */
function programKib(): Map<string, number> {
  const program = fs.readlinkSync('/proc/self/exe');
  const found = new Map<string, number>();
  let at: string | undefined;
  for (const line of fs.readFileSync('/proc/self/smaps', 'latin1').split('\n')) {
    const [, address] = /^([0-9a-f]+)-/.exec(line) ?? [];
    if (address !== undefined) at = line.endsWith(program) ? address : undefined;
    const rss = /^Rss: +(\d+) kB$/.exec(line)?.[1];
    if (at !== undefined && rss !== undefined) found.set(at, Number(rss));
  }
  return found;
}

function total(mappings: ReadonlyMap<string, number>): number {
  return [...mappings.values()].reduce((sum, kib) => sum + kib, 0);
}

// Before any other call: where the program is, is read once.
test('what a thread has mapped for itself stays: by the next time its addresses may be those of the code of another', async (context) => {
  const { implementation } = system().capabilities;
  if (skipUnless(context, implementation === 'linux', 'other systems do not say what is mapped')) return;
  const without = programKib();
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const source =
    "const { parentPort, workerData } = require('node:worker_threads'); parentPort.postMessage(1); Atomics.wait(workerData, 0, 0);";
  const asleep = new Worker(source, { eval: true, workerData: gate });
  context.after(() => asleep.terminate());
  await once(asleep, 'message');
  const before = [...programKib()].filter(([at]) => !without.has(at));
  system().giveMemoryBack();
  const after = programKib();
  for (const [at, kib] of before) assert.equal(after.get(at), kib, `the mapping at ${at}`);
});

test('memory is given back together with pages of the program, which goes on as before', (context) => {
  const { implementation } = system().capabilities;
  if (skipUnless(context, implementation === 'linux', 'other systems do not say what is mapped')) return;
  const before = total(programKib());
  assert.equal(system().giveMemoryBack(), true);
  const after = total(programKib());
  assert.ok(after < before, `${before} KiB before, ${after} behind`);
  assert.equal(new Intl.NumberFormat('de').format(1234.5), '1.234,5');
});
