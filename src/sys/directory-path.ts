import { readlinkSync } from 'node:fs';
import { type ByteName, nameFromBytes } from '../base/names.ts';
import type { Directory } from './types.ts';

/** Where an open directory is now, as far as the system says; undefined where it does not, or the directory is gone. */
export function pathOfDirectory({ handle }: Directory): ByteName | undefined {
  if (typeof handle === 'string') return handle;
  try {
    return nameFromBytes(readlinkSync(`/proc/self/fd/${handle}`, 'buffer'));
  } catch {
    return undefined;
  }
}
