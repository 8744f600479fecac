import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { skipUnless } from '../../test/support/scratch.ts';
import { system } from './system.ts';

/** Resident pages of the program's own file, in KiB. */
function programKib(): number {
  const program = fs.readlinkSync('/proc/self/exe');
  let isProgram = false;
  let sum = 0;
  for (const line of fs.readFileSync('/proc/self/smaps', 'latin1').split('\n')) {
    if (/^[0-9a-f]+-/.test(line)) isProgram = line.endsWith(program);
    else if (isProgram) sum += Number(/^Rss: +(\d+) kB$/.exec(line)?.[1] ?? 0);
  }
  return sum;
}

test('memory is given back together with pages of the program, which goes on as before', (context) => {
  const { implementation } = system().capabilities;
  if (skipUnless(context, implementation === 'linux', 'other systems do not say what is mapped')) return;
  const before = programKib();
  assert.equal(system().giveMemoryBack(), true);
  const after = programKib();
  assert.ok(after < before, `${before} KiB before, ${after} behind`);
  assert.equal(new Intl.NumberFormat('de').format(1234.5), '1.234,5');
});
