import { system } from '../../../src/sys/system.ts';
import type { Directory } from '../../../src/sys/types.ts';
import type { NastyContext } from './context.ts';
import { makeFile, noise, text } from './make.ts';

const MEBIBYTE = 2 ** 20;
const SPARSE_BYTES = 2 ** 32;

/** Sizes at the borders of pages, blocks and chunks; runs; and holes at the start, inside and at the end. */
export function makeContents(directory: Directory, { scale }: NastyContext): void {
  for (const size of [0, 1, 2, 31, 32, 33, 63, 64, 65, 4095, 4096, 4097, 65_535, 65_536, 65_537, MEBIBYTE, 3 * MEBIBYTE + 7]) {
    makeFile(directory, `noise-${size}`, noise(size, size));
  }
  makeFile(directory, 'zeros', Buffer.alloc(2 * MEBIBYTE));
  makeFile(directory, 'ones', Buffer.alloc(MEBIBYTE, 0xff));
  makeFile(directory, 'noise-then-zeros', Buffer.concat([noise(100_001, 5), Buffer.alloc(500_000)]));
  makeFile(directory, 'same-1', noise(200_000, 77));
  makeFile(directory, 'same-2', noise(200_000, 77));
  makeFile(directory, 'same-shifted', Buffer.concat([Buffer.from('!'), noise(200_000, 77)]));
  makeFile(directory, 'log', Array.from({ length: 5000 }, (_, line) => `2026-01-01 00:00:00 line ${line} of a log\n`).join(''));
  makeSparse(directory, Math.max(64 * MEBIBYTE, Math.ceil(SPARSE_BYTES * scale)));
}

function makeSparse(directory: Directory, sizeBytes: number): void {
  const middle = Math.floor(sizeBytes / 2);
  makeWithHoles(directory, 'holes-at-both-ends', sizeBytes, [12_345, middle + 1]);
  makeWithHoles(directory, 'holes-inside', sizeBytes + 5, [0, middle - 3, sizeBytes - 5]);
  makeWithHoles(directory, 'only-a-hole', 10 * MEBIBYTE + 1, []);
  makeWithHoles(
    directory,
    'many-holes',
    8 * MEBIBYTE,
    Array.from({ length: 64 }, (_, index) => index * 131_072),
  );
  makeReserved(directory);
}

/** A file of the given size with ten bytes of data at each of the offsets. */
function makeWithHoles(directory: Directory, name: string, sizeBytes: number, offsets: readonly number[]): void {
  const fd = directory.openFile(text(name), 'createExclusive');
  system().truncate(fd, sizeBytes);
  for (const offset of offsets) system().write(fd, Buffer.from('data here!'), offset);
  system().closeFile(fd);
}

/**
 * Space that is reserved beyond the end. (Inside a file it would be a hole or data by turns: unwritten space counts as data while its pages
 * happen to be cached, see mapping_seek_hole_data in Linux's mm/filemap.c.)
 */
function makeReserved(directory: Directory): void {
  const fd = directory.openFile(text('reserved'), 'createExclusive');
  system().write(fd, Buffer.from('short'), 0);
  system().allocate(fd, 0, 4 * MEBIBYTE);
  system().closeFile(fd);
}
