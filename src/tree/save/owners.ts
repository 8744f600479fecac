import os from 'node:os';
import { system } from '../../sys/system.ts';
import type { Owner } from '../types.ts';

/** The owners met during a save: one object for each pair of numbers, with the names that belong to them now. */
export class Owners {
  readonly #known = new Map<number, Owner>();

  of(uid: number, gid: number): Owner {
    const key = uid * 2 ** 21 + (gid % 2 ** 21);
    const known = this.#known.get(key);
    if (known !== undefined && known.uid === uid && known.gid === gid) return known;
    const user = system().userName(uid);
    const group = system().groupName(gid);
    const owner: Owner = { uid, gid, ...(user !== undefined && { user }), ...(group !== undefined && { group }) };
    this.#known.set(key, owner);
    return owner;
  }
}

/** Who runs this process. */
export function currentOwner(): Owner {
  const { uid, gid } = os.userInfo();
  // Where users have no numbers (Windows), these are -1.
  return new Owners().of(Math.max(0, uid), Math.max(0, gid));
}
