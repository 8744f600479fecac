import { CborReader } from '../../base/cbor-reader.ts';
import { RefBuilder } from '../../block/ref-builder.ts';
import { readRef } from '../../block/ref-codec.ts';
import type { EmitBlock, LeafRef, Ref } from '../../block/types.ts';
import { defaultScanner, HEAD_BYTES } from '../../chunk/scanners/registry.ts';
import { SIGNATURE_BYTES, Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import type { Xattr } from '../types.ts';
import type { FileJob } from './batcher.ts';
import { isItemFailure, openFile } from './file-reader.ts';
import type { ExtentResult, ExtentTask } from './messages.ts';
import type { SavePool } from './pool.ts';
import { isRacy } from './racy.ts';
import { readFileXattrs } from './xattrs.ts';

/** Files from here on are shared among threads. */
const LARGE_BYTES = 64 * 1024 * 1024;
const EXTENT_BYTES = 32 * 1024 * 1024;

/**
 * Whether a file can be cut in extents: large, without holes, not changed just now, and of no format that is scanned, since a scanner has to see a
 * file from its beginning.
 */
export function isCutInExtents(job: FileJob, stat: Stat): boolean {
  if (stat.size < LARGE_BYTES || stat.blocks * 512 < stat.size || isRacy(stat)) return false;
  const head = new Uint8Array(HEAD_BYTES);
  const headBytes = withFile(job, (fd) => system().read(fd, head, 0));
  return headBytes !== undefined && defaultScanner(job.name, head.subarray(0, headBytes)) === undefined;
}

/** The attributes of a file that was cut in extents; undefined when it is not as `stat` says any more. */
export function attributesIfUnchanged(job: FileJob, stat: Stat): { readonly xattrs?: Xattr[] } | undefined {
  return withFile(job, (fd) => {
    const xattrs = readFileXattrs(fd);
    const now = new Stat();
    system().statFile(fd, now);
    if (!now.sameAs(stat)) return undefined;
    return xattrs === undefined ? {} : { xattrs };
  });
}

/** Undefined when the file cannot be read: why not is told by whoever reads it whole. */
function withFile<T>(job: FileJob, action: (fd: number) => T): T | undefined {
  let fd: number | undefined;
  try {
    fd = openFile(job.handle.directory, job.name);
    return action(fd);
  } catch (error) {
    if (!isItemFailure(error)) throw error;
    return undefined;
  } finally {
    if (fd !== undefined) system().closeFile(fd);
  }
}

/** A large file's content; undefined when it changed while it was read. */
export interface LargeContent {
  readonly content: Ref;
  readonly readBytes: number;
}

/**
 * Has the extents of a file cut by the pool and puts them together. The result is the same as if one thread had cut the whole file: where an extent does
 * not begin at the boundary at which the one before ended, it is cut once more from there.
 */
export async function cutInExtents(
  job: FileJob,
  stat: Stat,
  pool: SavePool,
  emit: EmitBlock,
  onBytes: (bytes: number) => void,
): Promise<LargeContent | undefined> {
  const signature = new Uint8Array(SIGNATURE_BYTES);
  stat.signature(signature, 0);
  const size = stat.size;
  const builder = new RefBuilder(emit);
  const directory = job.handle.directory.handle;
  const extent = (from: number, exact: boolean): ExtentTask => ({
    directory,
    name: job.name,
    from,
    exact,
    to: Math.min(size, from - (from % EXTENT_BYTES) + EXTENT_BYTES),
  });
  const underWay: Promise<ExtentResult>[] = [];
  let asked = 0;
  let end = 0;
  let unchanged = true;
  const isUnchanged = (result: ExtentResult) => result.signature !== undefined && Buffer.compare(result.signature, signature) === 0;
  try {
    while (end < size && unchanged) {
      while (asked < size && underWay.length < MAX_UNDER_WAY) {
        await pool.ready();
        underWay.push(pool.extent(extent(asked, asked === 0)));
        asked += EXTENT_BYTES;
      }
      const next = underWay.shift();
      if (next === undefined) break; // the file has become shorter
      let result = await next;
      unchanged = isUnchanged(result);
      // A run of one byte may have reached beyond this extent: its bytes are accounted for.
      if (!unchanged || result.end <= end) continue;
      if (result.start !== end) result = await pool.extent(extent(end, true));
      for (const leaf of decodeLeaves(result.refs)) builder.append(leaf);
      onBytes(result.end - end);
      end = result.end;
      unchanged = isUnchanged(result);
    }
  } finally {
    await Promise.allSettled(underWay);
  }
  return unchanged && end === size ? { content: builder.finish(), readBytes: size } : undefined;
}

const MAX_UNDER_WAY = 8;

function* decodeLeaves(refs: Uint8Array): Generator<LeafRef> {
  const reader = new CborReader(refs, 'refs of an extent');
  while (reader.at < refs.length) yield readRef(reader) as LeafRef;
}
