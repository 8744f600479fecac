import fs from 'node:fs';
import path from 'node:path';
import { randomBytes } from '../../sys/random.ts';
import { isFull } from '../write-failure.ts';
import type { Layout } from './layout.ts';

/**
 * Space that is kept for those who free space: on a full disk even they need some first, for the list of condemned segments or for an archive without the revisions that go.
 * A file takes it up (of random bytes, so that no file system makes it small), which they remove when they meet a full disk, and make again when they are done. Nothing is lost when
 * it is missing.
 */
const RESERVE_BYTES = 256 * 1024;

/** Makes the reserve unless it is there: as much of it as there is space for, and none where nothing can be written. */
export function makeReserve(layout: Layout): void {
  try {
    const sizeBytes = RESERVE_BYTES + largestFileBytes(layout.archives);
    if ((fs.statSync(layout.reserve, { throwIfNoEntry: false })?.size ?? 0) >= sizeBytes) return;
    fs.writeFileSync(layout.reserve, randomBytes(sizeBytes), { mode: 0o600 });
  } catch {
    // Nothing depends on it, and a part of one is better than none.
  }
}

/** Gives the reserve's space to whoever writes next; false when there was none. */
export function giveUpReserve(layout: Layout): boolean {
  try {
    fs.rmSync(layout.reserve);
    return true;
  } catch {
    return false;
  }
}

/** Does work that frees space, which may be begun again; at the cost of the reserve when the disk is full. */
export async function withReserve<T>(layout: Layout, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isFull(error) || !giveUpReserve(layout)) throw error;
    return await work();
  } finally {
    makeReserve(layout);
  }
}

/** The largest archive: to be rewritten it needs its own size. */
function largestFileBytes(folder: string): number {
  const sizes = fs.readdirSync(folder).map((name) => fs.statSync(path.join(folder, name), { throwIfNoEntry: false })?.size ?? 0);
  return Math.max(0, ...sizes);
}
