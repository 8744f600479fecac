import { SystemError } from '../../base/errors.ts';
import { type ByteName, showName } from '../../base/names.ts';
import { Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import type { NodeState } from '../types.ts';
import { stateOfStat } from './states.ts';

/** What a directory is now. Throws SystemError. */
export function directoryState(path: ByteName): NodeState {
  using directory = system().openDirectory(path);
  const stat = new Stat();
  directory.stat('.' as ByteName, stat);
  const state = stateOfStat(stat);
  if (state === undefined) throw new SystemError('ENOTDIR', 'open', showName(path));
  return state;
}
