import { encodeRef } from '../block/ref-codec.ts';
import type { Ref } from '../block/types.ts';
import { digestsEqual } from '../hash/digest.ts';
import { compareOwners } from './owner-table.ts';
import type { Entry, Time } from './types.ts';

/** Whether two refs are the same ref: then they stand for the same bytes. Others may do so too, if they were cut or hashed differently. */
export function refsEqual(a: Ref, b: Ref): boolean {
  if (a.kind !== b.kind || a.size !== b.size) return false;
  if (a.kind === 'block' && b.kind === 'block') return digestsEqual(a.digest, b.digest);
  return Buffer.compare(encodeRef(a), encodeRef(b)) === 0;
}

/** A text that is equal for equal refs only. */
export function refKey(ref: Ref): string {
  return Buffer.from(encodeRef(ref)).toString('latin1');
}

/**
 * Whether two entries agree in everything but name and content: permissions, owner, attributes, link target, device, and the modification
 * time, which for directories does not count, since what happens in them changes it.
 */
export function attributesEqual(a: Entry, b: Entry): boolean {
  return (
    a.kind === b.kind &&
    a.mode === b.mode &&
    (a.kind === 'directory' || timesEqual(a.mtime, b.mtime)) &&
    compareOwners(a.owner, b.owner) === 0 &&
    a.target === b.target &&
    a.device?.major === b.device?.major &&
    a.device?.minor === b.device?.minor &&
    xattrsEqual(a, b)
  );
}

export function timesEqual(a: Time, b: Time): boolean {
  return a.seconds === b.seconds && a.nanoseconds === b.nanoseconds;
}

function xattrsEqual({ xattrs: a = [] }: Entry, { xattrs: b = [] }: Entry): boolean {
  return a.length === b.length && a.every(({ name, value }, i) => b[i]?.name === name && Buffer.compare(value, b[i].value) === 0);
}
