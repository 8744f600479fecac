import type { ByteName } from '../../base/names.ts';
import { Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import { DIRECTORY_TYPE, FILE_TYPE } from '../questions/entry-types.ts';
import { joinPath } from '../questions/places.ts';
import { failureAt } from './failure-at.ts';
import type { DiskFailure, ListReply } from './messages.ts';

/** A folder's own files, gathered for a reply. */
class Listing {
  readonly folders: ByteName[] = [];
  readonly counts: number[] = [];
  readonly names: ByteName[] = [];
  readonly sizes: number[] = [];
  readonly devices: number[] = [];
  readonly inodes: bigint[] = [];
  readonly failures: DiskFailure[] = [];

  reply(): ListReply {
    return {
      files: {
        folders: this.folders,
        counts: Uint32Array.from(this.counts),
        names: this.names.join('/'),
        sizes: Float64Array.from(this.sizes),
      },
      devices: Float64Array.from(this.devices),
      inodes: BigUint64Array.from(this.inodes),
      failures: this.failures,
    };
  }
}

const stat = new Stat();

/** All regular files below folders, of at least `minBytes`, with what identifies them. No symbolic link is followed. */
export function listBelow(folders: readonly ByteName[], minBytes: number): ListReply {
  const listing = new Listing();
  const waiting = [...folders];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) listFolder(folder, minBytes, listing, waiting);
  return listing.reply();
}

/** The files of these folders alone, and the folders in them. */
export function listFolders(folders: readonly ByteName[], minBytes: number): { readonly listed: ListReply; readonly below: ByteName[] } {
  const listing = new Listing();
  const below: ByteName[] = [];
  for (const folder of folders) listFolder(folder, minBytes, listing, below);
  return { listed: listing.reply(), below };
}

function listFolder(folder: ByteName, minBytes: number, listing: Listing, below: ByteName[]): void {
  try {
    using directory = system().openDirectory(folder);
    const { names, types } = directory.entries();
    let count = 0;
    for (const [i, name] of names.entries()) {
      if (types[i] === DIRECTORY_TYPE) below.push(joinPath(folder, name));
      if (types[i] !== FILE_TYPE || !directory.stat(name, stat) || stat.type !== FILE_TYPE || stat.size < minBytes) continue;
      listing.names.push(name);
      listing.sizes.push(stat.size);
      listing.devices.push(stat.dev);
      listing.inodes.push(stat.ino);
      count++;
    }
    if (count === 0) return;
    listing.folders.push(folder);
    listing.counts.push(count);
  } catch (error) {
    listing.failures.push(failureAt(folder, error));
  }
}
