import type { EntryKind } from './types.ts';

/**
 * The file type in the upper bits of a mode (S_IFMT), as POSIX systems number it; whiteout is BSD's S_IFWHT, and a hard link by reference
 * has the value that no system uses. Encoded entries keep kind and permissions in one such number.
 */
const TYPE_OF_KIND: Record<EntryKind, number> = {
  fifo: 0o01,
  character: 0o02,
  directory: 0o04,
  block: 0o06,
  file: 0o10,
  symlink: 0o12,
  socket: 0o14,
  whiteout: 0o16,
  hardlink: 0o17,
};

const KIND_OF_TYPE = new Array<EntryKind | undefined>(16).fill(undefined);
for (const [kind, type] of Object.entries(TYPE_OF_KIND)) KIND_OF_TYPE[type] = kind as EntryKind;

export const PERMISSIONS = 0o7777;

/** Kind and permissions as one number, like `st_mode`. */
export function modeWithKind(kind: EntryKind, permissions: number): number {
  return (TYPE_OF_KIND[kind] << 12) | (permissions & PERMISSIONS);
}

/** The kind in such a number; undefined when there is none. */
export function kindOfMode(mode: number): EntryKind | undefined {
  return mode > 0xffff ? undefined : KIND_OF_TYPE[mode >>> 12];
}
