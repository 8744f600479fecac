import type { Scanner } from '../types.ts';

/** How much of a file's beginning is looked at to tell its format. */
export const HEAD_BYTES = 1024;

/** How far before the end of what it has seen a scanner may suggest a boundary. */
export const SCANNER_LOOKBACK_BYTES = 64;

/** The scanner for a file of this name that begins with `head`, undefined when its format is unknown or gains nothing by one. */
export function defaultScanner(_name: string | undefined, _head: Uint8Array): Scanner | undefined {
  return undefined;
}
