import assert from 'node:assert/strict';
import { conformance } from '../../../test/support/systems.ts';
import { nameFromText } from '../../base/names.ts';
import { SIGNATURE_BYTES, Stat } from '../../sys/stat.ts';
import { stateOfStat } from '../look/states.ts';
import type { NodeState } from '../types.ts';
import { writeSignature } from './node-signature.ts';

conformance('the signature of a node is that of the stat it came from', ({ system, directory }) => {
  const name = nameFromText('file');
  system.closeFile(directory.openFile(name, 'createExclusive'));
  for (const mtime of [
    { seconds: 1_795_000_000, nanoseconds: 999_999_999 },
    { seconds: -1, nanoseconds: 500_000_000 },
    { seconds: 0, nanoseconds: 0 },
  ]) {
    directory.setTimes(name, mtime);
    const stat = new Stat();
    directory.stat(name, stat);
    const expected = new Uint8Array(SIGNATURE_BYTES);
    stat.signature(expected, 0);
    const written = Buffer.alloc(SIGNATURE_BYTES);
    writeSignature(stateOfStat(stat) as NodeState, written);
    assert.deepEqual(written, Buffer.from(expected));
  }
});
