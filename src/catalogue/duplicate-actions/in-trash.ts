import type { ByteName } from '../../base/names.ts';
import { TRASH } from '../history/undo/places.ts';

/** The user's own (`Trash/files` in a folder of data), those at the top of file systems, by the FreeDesktop.org Trash specification 1.0; and macOS'. */
const TRASHES = /\/(?:Trash\/files|\.Trash(?:-\d+)?|\.Trashes)\//;

/** Whether a file was put away already: as one of several copies it is none that may stay, since it goes when the trash is emptied. */
export function isInTrash(path: ByteName): boolean {
  return TRASHES.test(path) || path.includes(`/${TRASH}/`);
}
