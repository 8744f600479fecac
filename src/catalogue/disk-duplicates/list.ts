import { SystemError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import type { Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import { joined } from '../look/paths.ts';
import { Column } from './column.ts';
import { failureAt } from './failure-at.ts';
import { FetchedFiles } from './fetched-files.ts';
import { FileColumns } from './file-columns.ts';
import { endsOf, markOfEnds } from './marks.ts';
import { type DiskFailure, IDENTITY_WORDS, type ListReply } from './messages.ts';

/**
 * Files up to this size are read when they are found, before it is known that another has the same size: nearly all of them share it where there are many, so that to open them
 * again would double the work. What is read in vain is one file for each possible size at the most.
 */
const SMALL_BYTES = 16 << 10;
/** Some milliseconds of work. */
const LISTED_AT_ONCE = 512;
/** One of each for the whole thread, since a listing is made at once. */
const files = new FileColumns();
const identities = new Column(Uint32Array);
const marks = new Column(Float64Array);

/**
 * Regular files below folders, of at least `minBytes`, with what identifies them. Ends when it has met so many that others could take part, and gives back the folders that were not
 * listed. No symbolic link is followed.
 */
export function listBelow(folders: readonly ByteName[], minBytes: number, ahead: number): ListReply {
  const failures: DiskFailure[] = [];
  const fetched = new FetchedFiles(ahead);
  const take = (fd: number, stat: Stat, names: Uint8Array, from: number, to: number): boolean => {
    const { size } = stat;
    if (size < minBytes) return false;
    files.add(names, from, to, size);
    for (let i = 0; i < IDENTITY_WORDS; i++) identities.add(stat.identityWord(i));
    marks.add(Number.NaN);
    if (fd < 0 || size > SMALL_BYTES) return false;
    const at = marks.length - 1;
    const read = () => {
      marks.values[at] = markWhereReadable(fd, size);
    };
    if (ahead === 0) {
      read();
      return false;
    }
    fetched.add({ fd, ranges: endsOf(fd, size), order: stat.identityWord(0), read });
    return true;
  };
  const waiting = [...folders];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const path = folder;
    files.enter(path);
    try {
      using directory = system().openDirectory(path);
      const below = directory.openFiles(take, (name, error) => failures.push(failureAt(joined(path, name), error)));
      for (const name of below) waiting.push(joined(path, name));
    } catch (error) {
      failures.push(failureAt(path, error));
    }
    if (files.count >= LISTED_AT_ONCE) break;
  }
  fetched.finish();
  return { files: files.take(), identities: identities.take(), marks: marks.take(), unlisted: waiting, failures };
}

/** NaN when it cannot be read: it is tried again if another has this size, and then told. */
function markWhereReadable(fd: number, size: number): number {
  try {
    return markOfEnds(fd, size) ?? Number.NaN;
  } catch (error) {
    if (error instanceof SystemError) return Number.NaN;
    throw error;
  }
}
