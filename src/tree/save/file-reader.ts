import { hasErrno, SystemError, VarveError } from '../../base/errors.ts';
import { type ByteName, showName } from '../../base/names.ts';
import type { Cutter } from '../../chunk/cutter.ts';
import type { Piece } from '../../chunk/types.ts';
import { system } from '../../sys/system.ts';
import type { Directory } from '../../sys/types.ts';
import type { Gatherer } from './gatherer.ts';
import type { PendingLeaves } from './pending-content.ts';

/** Read at once from one file: little enough to be hashed while it is still in the processor's cache. */
const SLAB_BYTES = 512 * 1024;

/** There is no such file any more. */
export class VanishedError extends SystemError {
  constructor(name: ByteName) {
    super('ENOENT', 'open', showName(name));
  }
}

/** Something else has taken the name of a file since it was listed. */
export class ReplacedError extends VarveError {
  readonly path: string;

  constructor(name: ByteName) {
    super('REPLACED', 'became something else while it was saved');
    this.path = showName(name);
  }
}

/** Whether an error concerns the one file that was being read; what concerns the store ends the save. */
export function isItemFailure(error: unknown): error is VarveError {
  return error instanceof VarveError && !('store' in error) && 'path' in error && error.advice === undefined;
}

/** A descriptor of the file; throws VanishedError when it is gone, ReplacedError when it has become something else. */
export function openFile(directory: Directory, name: ByteName): number {
  try {
    return directory.openFile(name, 'read');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) throw new VanishedError(name);
    if (hasErrno(error, 'ELOOP', 'ENXIO')) throw new ReplacedError(name);
    throw error;
  }
}

/**
 * Reads `from` … `end` of a file through the cutter, which was reset for it; stops early at the end of the file. Returns where it stopped. Pieces go to `leaves`.
 */
export async function readRange(
  fd: number,
  from: number,
  end: number,
  cutter: Cutter,
  gatherer: Gatherer,
  leaves: PendingLeaves,
): Promise<number> {
  let at = from;
  while (at < end) {
    const wanted = Math.min(SLAB_BYTES, end - at);
    if (cutter.freeBytes < wanted) await gatherer.settle();
    const got = system().read(fd, cutter.buffer(wanted).subarray(0, wanted), at);
    if (got === 0) break;
    cutter.fed(got);
    at += got;
    takePieces(cutter, leaves);
  }
  cutter.finish();
  takePieces(cutter, leaves);
  return at;
}

function takePieces(cutter: Cutter, leaves: PendingLeaves): void {
  for (let piece: Piece | undefined = cutter.next(); piece !== undefined; piece = cutter.next()) leaves.append(piece);
}
