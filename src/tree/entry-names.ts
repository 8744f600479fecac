import { type ByteName, showName } from '../base/names.ts';
import { MAX_NAME_BYTES } from './limits.ts';

/**
 * Why a name must not stand in a directory; undefined when it may. Names are what could lead a restore outside its target (T2), so this is
 * asked when directories are written and when they are read.
 */
export function nameProblem(name: ByteName): string | undefined {
  if (name === '' || name === '.' || name === '..') return `unsafe name "${name}"`;
  if (name.length > MAX_NAME_BYTES) return `name of ${name.length} bytes, where ${MAX_NAME_BYTES} are allowed`;
  for (let i = 0; i < name.length; i++) {
    const byte = name.charCodeAt(i);
    if (byte === 0x2f || byte === 0) return `unsafe name "${showName(name)}"`;
  }
  return undefined;
}

/**
 * A 32-bit hash of a name, for deciding where directory nodes end: FNV-1a (Fowler, Noll, Vo), then the finaliser of MurmurHash3 (Appleby),
 * so that the low bits depend on every byte. `level` makes the levels of a directory independent of each other.
 */
export function hashName(name: ByteName, level: number): number {
  let hash = 0x811c9dc5 ^ level;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
