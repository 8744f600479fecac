import assert from 'node:assert/strict';
import { basename, dirname } from 'node:path';
import { nameFromText } from '../../src/base/names.ts';
import { stateOfStat } from '../../src/catalogue/look/states.ts';
import type { NodeState } from '../../src/catalogue/types.ts';
import { Stat } from '../../src/sys/stat.ts';
import { system } from '../../src/sys/system.ts';

/** What a catalogue would know of a file by looking at it now. */
export function stateAt(path: string): NodeState {
  using directory = system().openDirectory(nameFromText(dirname(path)));
  const stat = new Stat();
  directory.stat(nameFromText(basename(path)), stat);
  return stateOfStat(stat) ?? assert.fail(path);
}
