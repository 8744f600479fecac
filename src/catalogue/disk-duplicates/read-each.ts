import { type ByteName, nameFromBytes } from '../../base/names.ts';
import { system } from '../../sys/system.ts';
import type { FileRange } from '../../sys/types.ts';
import { joined } from '../look/paths.ts';
import { failureAt, hasVanished } from './failure-at.ts';
import { FetchedFiles } from './fetched-files.ts';
import type { DiskFailure, PackedFiles } from './messages.ts';

/** Opens files one after another and has them read. Where `ahead` is not 0, what they are read of is fetched first, for so many at once. Returns what could not be; what has gone meanwhile is no failure. */
export function readEach(
  { folders, counts, names, nameEnds, sizes }: PackedFiles,
  read: (fd: number, size: number, index: number) => void,
  { ahead, rangesOf }: { readonly ahead: number; readonly rangesOf: (fd: number, size: number) => FileRange[] },
): DiskFailure[] {
  const failures: DiskFailure[] = [];
  const fail = (path: ByteName, error: unknown): void => {
    if (!hasVanished(error)) failures.push(failureAt(path, error));
  };
  const nameOf = (index: number): ByteName => nameFromBytes(names.subarray(nameEnds[index - 1] ?? 0, nameEnds[index]));
  const fetched = new FetchedFiles(ahead);
  const take = (folder: ByteName, fd: number, index: number): void => {
    const size = sizes[index] as number;
    if (ahead === 0) {
      try {
        read(fd, size, index);
      } finally {
        system().closeFile(fd);
      }
      return;
    }
    const readIt = () => {
      try {
        read(fd, size, index);
      } catch (error) {
        fail(joined(folder, nameOf(index)), error);
      }
    };
    fetched.add({ fd, ranges: rangesOf(fd, size), order: index, read: readIt });
  };
  let at = 0;
  for (const [i, folder] of folders.entries()) {
    const end = at + (counts[i] as number);
    try {
      using directory = system().openDirectory(folder);
      for (; at < end; at++) {
        try {
          take(folder, directory.openFile(nameOf(at), 'read'), at);
        } catch (error) {
          fail(joined(folder, nameOf(at)), error);
        }
      }
    } catch (error) {
      fail(folder, error);
    }
    at = end;
  }
  fetched.finish();
  return failures;
}
