import { system } from '../../sys/system.ts';
import type { Owner } from '../types.ts';
import type { LocalOwner } from './metadata.ts';

/** The numbers of an owner on this machine: by name where the name is known here, else as saved. */
export class LocalOwners {
  readonly #known = new Map<Owner, LocalOwner>();

  of(owner: Owner): LocalOwner {
    const known = this.#known.get(owner);
    if (known !== undefined) return known;
    const local = {
      uid: (owner.user === undefined ? undefined : system().userId(owner.user)) ?? owner.uid,
      gid: (owner.group === undefined ? undefined : system().groupId(owner.group)) ?? owner.gid,
    };
    this.#known.set(owner, local);
    return local;
  }
}
