import { hasErrno } from '../base/errors.ts';
import type { ByteName } from '../base/names.ts';
import type { Directory } from './types.ts';

/** What nobody else may look into. */
export const PRIVATE_FOLDER_MODE = 0o700;

/** Opens a folder of `parent`, which is made, for its owner alone, where there is none. The caller closes it. Throws SystemError. */
export function openPrivateFolder(parent: Directory, name: ByteName): Directory {
  try {
    parent.makeDirectory(name, PRIVATE_FOLDER_MODE);
  } catch (error) {
    if (!hasErrno(error, 'EEXIST')) throw error;
  }
  return parent.openDirectory(name);
}
