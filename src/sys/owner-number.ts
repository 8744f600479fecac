import { SystemError } from '../base/errors.ts';

/** The largest number of 32 bits: it tells chown(2) to leave an owner as it is. Larger ones would be cut to their lower bits. */
const NO_OWNER = 0xffff_ffff;

/** Throws EINVAL unless both are numbers that an owner can have. */
export function checkOwner(uid: number, gid: number): void {
  if (!(uid >= 0 && uid < NO_OWNER && gid >= 0 && gid < NO_OWNER)) throw new SystemError('EINVAL', 'chown', `owner ${uid}:${gid}`);
}
