import { showName } from '../../base/names.ts';
import { Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import { copyXattrs } from '../../tree/restore/metadata.ts';
import type { OpenFile } from './open-file.ts';
import { takePlace } from './take-place.ts';
import { CopyRefusedError } from './types.ts';

const PRIVATE_MODE = 0o600;
const linked = new Stat();

/** Makes `copy` another name of `kept`. */
export function linkCopy(kept: OpenFile, copy: OpenFile): void {
  takePlace(kept, copy, (temporary) => {
    copy.directory.link(kept.directory, kept.name, temporary);
    // The name may have been given to another file since.
    if (!copy.directory.stat(temporary, linked) || !linked.sameFile(kept.stat)) throw kept.changed();
  });
}

/** Makes a file of the metadata of `copy` and the blocks of `kept`, which both share until one is written to, and puts it in the place of `copy`. */
export function reflinkCopy(kept: OpenFile, copy: OpenFile): void {
  takePlace(kept, copy, (temporary) => {
    const fd = copy.directory.openFile(temporary, 'createExclusive', PRIVATE_MODE);
    try {
      if (!system().cloneFile(kept.fd, fd))
        throw new CopyRefusedError(
          'NO_REFLINK',
          `${showName(copy.path)} cannot share blocks with ${showName(kept.path)}`,
          'Files can share blocks where both are on one file system such as Btrfs or XFS.',
        );
      copyMetadata(copy, fd);
    } finally {
      system().closeFile(fd);
    }
  });
}

/** In the one order in which nothing undoes what was set before. Throws SystemError for what cannot be kept. */
function copyMetadata({ fd: from, stat: { uid, gid, mode, mtime, atime } }: OpenFile, to: number): void {
  const files = system();
  files.setFileOwner(to, uid, gid);
  // A new file may have got some from its folder.
  const wanted = new Set(files.listFileXattrs(from));
  for (const name of files.listFileXattrs(to)) if (!wanted.has(name)) files.removeFileXattr(to, name);
  copyXattrs(from, to, (_, error) => {
    throw error;
  });
  files.setFileMode(to, mode);
  files.setFileTimes(to, mtime, atime);
}
