import { hasErrno } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import { Stat } from '../../sys/stat.ts';
import type { Directory } from '../../sys/types.ts';
import { newTemporaryName } from '../../tree/restore/temporary-name.ts';
import { isSameVersion, type OpenFile } from './open-file.ts';

const NOT_SUPPORTED = ['EINVAL', 'ENOSYS', 'EOPNOTSUPP'] as const;
const replaced = new Stat();

/**
 * Puts what `make` makes of `kept`, under a temporary name beside it, in the place of `copy`. Commit point: the removal of what was there. Before it both names are exchanged, so that
 * it can be seen what has really been replaced: if that, or `kept`, was changed since they were compared, all is put back. Throws CopyRefusedError then. A process that is
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
