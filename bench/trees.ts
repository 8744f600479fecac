import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/** What lies in a tree. */
export interface TreeSize {
  readonly files: number;
  readonly directories: number;
  /** The sum of the files' lengths. */
  readonly bytes: number;
  /** What the files take on the disk. */
  readonly diskBytes: number;
}

const buffers = [Buffer.alloc(1 << 20), Buffer.alloc(1 << 20)] as const;

/** Counts a tree; with `read` it also reads every file, which brings the tree into the system's cache. */
export function measureTree(root: string, read = false): TreeSize {
  const size = { files: 0, directories: 0, bytes: 0, diskBytes: 0 };
  walk(root, (path, stats) => {
    if (stats.isDirectory()) size.directories += 1;
    else size.files += 1;
    if (!stats.isFile()) return;
    size.bytes += stats.size;
    size.diskBytes += stats.blocks * 512;
    if (read) readWhole(path);
  });
  return size;
}

/** The first path at which two trees differ in names, kinds, modes, link targets or content; undefined when they are equal. */
export function firstDifference(left: string, right: string): string | undefined {
  const names = readdirSync(left).sort();
  if (names.join('/') !== readdirSync(right).sort().join('/')) return `${right}: other names than ${left}`;
  for (const name of names) {
    const [a, b] = [join(left, name), join(right, name)];
    const [statsA, statsB] = [lstatSync(a), lstatSync(b)];
    if (statsA.mode !== statsB.mode) return `${b}: other kind or mode`;
    if (statsA.isSymbolicLink() && readlinkSync(a) !== readlinkSync(b)) return `${b}: other target`;
    if (statsA.isFile() && (statsA.size !== statsB.size || !sameContent(a, b))) return `${b}: other content`;
    const below = statsA.isDirectory() ? firstDifference(a, b) : undefined;
    if (below !== undefined) return below;
  }
  return undefined;
}

function walk(path: string, visit: (path: string, stats: Stats) => void): void {
  const stats = lstatSync(path);
  visit(path, stats);
  if (stats.isDirectory()) for (const name of readdirSync(path)) walk(join(path, name), visit);
}

function readWhole(path: string): void {
  const file = openSync(path, 'r');
  while (readSync(file, buffers[0]) > 0);
  closeSync(file);
}

function sameContent(left: string, right: string): boolean {
  const files = [openSync(left, 'r'), openSync(right, 'r')] as const;
  try {
    for (;;) {
      const bytes = readSync(files[0], buffers[0]);
      if (readSync(files[1], buffers[1]) !== bytes || buffers[0].compare(buffers[1], 0, bytes, 0, bytes) !== 0) return false;
      if (bytes === 0) return true;
    }
  } finally {
    for (const file of files) closeSync(file);
  }
}
