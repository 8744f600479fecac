import { type ByteName, nameFromBytes } from '../../base/names.ts';
import { system } from '../../sys/system.ts';
import { joined } from '../look/paths.ts';
import { failureAt, hasVanished } from './failure-at.ts';
import type { DiskFailure, PackedFiles } from './messages.ts';

/** Opens files one after another and has them read. Returns what could not be; what has gone meanwhile is no failure. */
export function readEach(
  { folders, counts, names, nameEnds, sizes }: PackedFiles,
  read: (fd: number, size: number, index: number) => void,
): DiskFailure[] {
  const failures: DiskFailure[] = [];
  const fail = (path: ByteName, error: unknown): void => {
    if (!hasVanished(error)) failures.push(failureAt(path, error));
  };
  const nameOf = (index: number): ByteName => nameFromBytes(names.subarray(nameEnds[index - 1] ?? 0, nameEnds[index]));
  let at = 0;
  for (const [i, folder] of folders.entries()) {
    const end = at + (counts[i] as number);
    try {
      using directory = system().openDirectory(folder);
      for (; at < end; at++) {
        try {
          const fd = directory.openFile(nameOf(at), 'read');
          try {
            read(fd, sizes[at] as number, at);
          } finally {
            system().closeFile(fd);
          }
        } catch (error) {
          fail(joined(folder, nameOf(at)), error);
        }
      }
    } catch (error) {
      fail(folder, error);
    }
    at = end;
  }
  return failures;
}
