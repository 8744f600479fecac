import { libc } from '../posix/libc.ts';
import type { FileRange } from '../types.ts';
import * as flags from './flags.ts';

/** A range from the first to the last page that it touches. */
interface Pages {
  readonly fd: number;
  readonly from: number;
  readonly bytes: number;
}

/**
 * Maps all ranges side by side and says of all of that that it will be needed (madvise(2)): the kernel hands what it reads for one such call to the disk together, and merges what lies side by side there. For a call a range
 * (posix_fadvise(2)) it does not. Nothing that is mapped is touched, so nothing is waited for, and files may become shorter meanwhile.
 */
export function fetchRanges(ranges: readonly FileRange[]): void {
  const all = ranges.map(pagesOf).filter(({ bytes }) => bytes > 0);
  const mapped = canMap ? fetchMapped(all) : 0;
  canMap &&= mapped === all.length;
  for (const { fd, from, bytes } of all.slice(mapped)) libc.posix_fadvise(fd, from, bytes, flags.POSIX_FADV_WILLNEED);
}

/** False once something could not be mapped: not all file systems can. */
let canMap = true;

/** Returns how many of them, from the first on, could be mapped. */
function fetchMapped(all: readonly Pages[]): number {
  const total = all.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total === 0) return 0;
  const area = libc.mmap(0, total, flags.PROT_NONE, AREA, -1, 0);
  if (area < 0) return 0;
  let mapped = 0;
  let at = area;
  for (const { fd, from, bytes } of all) {
    if (libc.mmap(at, bytes, flags.PROT_READ, flags.MAP_PRIVATE | flags.MAP_FIXED, fd, from) !== at) break;
    at += bytes;
    mapped++;
  }
  if (mapped > 0) libc.madvise(area, at - area, flags.MADV_WILLNEED);
  if (at > area) libc.munmap(area, at - area);
  // Where one could not be mapped nothing may be mapped any more, or by now something of another thread's: that is left alone.
  const rest = at + (all[mapped]?.bytes ?? 0);
  if (rest < area + total) libc.munmap(rest, area + total - rest);
  return mapped;
}

function pagesOf({ fd, from, lengthBytes }: FileRange): Pages {
  const page = pageBytes();
  const start = from - (from % page);
  return { fd, from: start, bytes: Math.ceil((from + lengthBytes - start) / page) * page };
}

let page: number | undefined;

function pageBytes(): number {
  page ??= libc.getpagesize();
  return page;
}

const AREA = flags.MAP_PRIVATE | flags.MAP_ANONYMOUS | flags.MAP_NORESERVE;
