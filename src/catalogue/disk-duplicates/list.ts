import { SystemError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import { PackedEntries, type PackedReader } from '../../sys/packed-entries.ts';
import type { Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import { joined } from '../look/paths.ts';
import { failureAt } from './failure-at.ts';
import { markOfEnds } from './marks.ts';
import { type DiskFailure, IDENTITY_WORDS, type ListReply } from './messages.ts';

/**
 * Files up to this size are read when they are found, before it is known that another has the same size: nearly all of them share it where there are many, so that to open them
 * again would double the work. What is read in vain is one file for each possible size at the most.
 */
const SMALL_BYTES = 16 << 10;
/** Some milliseconds of work. */
const LISTED_AT_ONCE = 512;
/** One for the whole thread, since a listing is made at once. */
const entries = new PackedEntries(1 << 20);
const SLASH = 0x2f;
const HIGH = 0x1_0000_0000;

/**
 * Regular files below folders, of at least `minBytes`, with what identifies them. Ends when it has met so many that others could take part, and gives back the folders that were not
 * listed. No symbolic link is followed.
 */
export function listBelow(folders: readonly ByteName[], minBytes: number): ListReply {
  const listing = new Listing(minBytes);
  const waiting = [...folders];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    listing.add(folder, waiting);
    if (entries.count >= LISTED_AT_ONCE) break;
  }
  return listing.reply(waiting);
}

/** Files of folders as they are listed, side by side in `entries` up to the reply. */
class Listing {
  readonly #minBytes: number;
  readonly #folders: ByteName[] = [];
  /** How many entries there are when a folder has been listed. */
  readonly #ends: number[] = [];
  /** By entry; with holes. */
  readonly #marks: number[] = [];
  readonly #failures: DiskFailure[] = [];

  constructor(minBytes: number) {
    this.#minBytes = minBytes;
  }

  add(folder: ByteName, below: ByteName[]): void {
    try {
      using directory = system().openDirectory(folder);
      const names = directory.openFiles(entries, this.#look, (name, error) => this.#failures.push(failureAt(joined(folder, name), error)));
      for (const name of names) below.push(joined(folder, name));
    } catch (error) {
      this.#failures.push(failureAt(folder, error));
    }
    // Also of one whose listing has failed half way.
    this.#folders.push(folder);
    this.#ends.push(entries.count);
  }

  readonly #look = (fd: number, { size }: Stat): void => {
    if (size < this.#minBytes || size > SMALL_BYTES) return;
    try {
      this.#marks[entries.count - 1] = markOfEnds(fd, size) ?? Number.NaN;
    } catch (error) {
      // Without a mark it is read again if another has this size, and then it is told.
      if (!(error instanceof SystemError)) throw error;
    }
  };

  reply(unlisted: readonly ByteName[]): ListReply {
    const { count, usedBytes } = entries;
    const sizes = new Float64Array(count);
    const marks = new Float64Array(count);
    const identities = new Uint32Array(count * IDENTITY_WORDS);
    // Records are longer than their names.
    const names = Buffer.allocUnsafe(usedBytes);
    const counts = new Uint32Array(this.#folders.length);
    let nameEnd = 0;
    let files = 0;
    const record = entries.reader(0);
    for (let folder = 0, at = 0; folder < counts.length; folder++) {
      const before = files;
      for (const end = this.#ends[folder] as number; at < end; at++) {
        record.next();
        const { size } = record;
        if (size < this.#minBytes) continue;
        sizes[files] = size;
        marks[files] = this.#marks[at] ?? Number.NaN;
        putIdentity(record, identities, files * IDENTITY_WORDS);
        nameEnd += record.copyName(names, nameEnd);
        names[nameEnd++] = SLASH;
        files++;
      }
      counts[folder] = files - before;
    }
    entries.clear();
    return {
      files: {
        folders: this.#folders,
        counts,
        names: names.toString('latin1', 0, Math.max(0, nameEnd - 1)),
        sizes: sizes.slice(0, files),
      },
      identities: identities.slice(0, files * IDENTITY_WORDS),
      marks: marks.slice(0, files),
      unlisted,
      failures: this.#failures,
    };
  }
}

function putIdentity({ device, inodeValue }: PackedReader, into: Uint32Array, at: number): void {
  into[at] = Math.floor(device / HIGH);
  into[at + 1] = device;
  into[at + 2] = typeof inodeValue === 'bigint' ? Number(inodeValue >> 32n) : Math.floor(inodeValue / HIGH);
  into[at + 3] = typeof inodeValue === 'bigint' ? Number(inodeValue & 0xffff_ffffn) : inodeValue;
}
