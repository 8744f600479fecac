import { hasErrno } from '../../base/errors.ts';
import { type ByteName, showName } from '../../base/names.ts';
import { Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import type { Directory } from '../../sys/types.ts';
import { newTemporaryName } from '../../tree/restore/temporary-name.ts';
import { isSameVersion, type OpenFile } from './open-file.ts';
import { CopyRefusedError } from './types.ts';

const NOT_SUPPORTED = ['EINVAL', 'ENOSYS', 'EOPNOTSUPP'] as const;
const replaced = new Stat();

/**
 * Puts what `make` makes of `kept`, under a temporary name beside it, in the place of `copy`. Commit point: the removal of what was there. Before it both names are exchanged, so that
 * it can be seen what has really been replaced: if that, or `kept`, was changed since they were compared, all is put back, and so it is if a program has open what was replaced: what that writes would be lost with it. Throws CopyRefusedError then. A process that is
 * killed meanwhile leaves the file that was replaced under its temporary name.
 */
export function takePlace(kept: OpenFile, copy: OpenFile, make: (temporary: ByteName) => void): void {
  const { directory, name } = copy;
  const temporary = newTemporaryName();
  try {
    make(temporary);
    kept.mustBeUnchanged();
    copy.mustBeUnchanged();
    if (!isExchanged(directory, temporary, name)) return;
  } catch (error) {
    removeIfThere(directory, temporary);
    throw error;
  }
  try {
    if (directory.stat(temporary, replaced) && !isSameVersion(replaced, copy.stat)) throw copy.changed();
    kept.mustBeUnchanged();
    // It has no name any more by which anybody would open it.
    if (system().isOpenElsewhere(copy.fd) === true)
      throw new CopyRefusedError(
        'IN_USE',
        `${showName(copy.path)} is open in a program`,
        'End that, or let it close the file, and run the same again.',
      );
  } catch (error) {
    directory.rename(temporary, directory, name, 'exchange');
    removeIfThere(directory, temporary);
    throw error;
  }
  removeIfThere(directory, temporary);
}

/** False where names cannot be exchanged: then the name is taken over, and the moment behind the last look remains. */
function isExchanged(directory: Directory, temporary: ByteName, name: ByteName): boolean {
  try {
    directory.rename(temporary, directory, name, 'exchange');
    return true;
  } catch (error) {
    if (!hasErrno(error, ...NOT_SUPPORTED)) throw error;
    directory.rename(temporary, directory, name);
    return false;
  }
}

function removeIfThere(directory: Directory, name: ByteName): void {
  try {
    directory.remove(name);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
  }
}
