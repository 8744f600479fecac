import type { ByteName } from '../../../base/names.ts';
import { joinPath } from '../../../tree/view.ts';
import type { UndoItem, UndoPlace } from './types.ts';

/** The folder at the top of a root that takes what undo puts away. */
export const TRASH = '.varve-trash' as ByteName;

/** The folders that a path leads through. */
export function* foldersAbove(path: ByteName): Generator<ByteName> {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) yield path.slice(0, at) as ByteName;
}

/** The path of a place. */
export function pathOf({ root, path }: UndoPlace): ByteName {
  if (root === '/') return `/${path}` as ByteName;
  return path === '' ? root : joinPath(root, path);
}

/** Where a folder has to come to; undefined for what stays, goes or is no folder. */
export function folderComing({ steps, was, to }: UndoItem): ByteName | undefined {
  const isComing = was?.kind === 'directory' && (steps.includes('create') || steps.includes('move'));
  return isComing && to !== undefined ? pathOf(to) : undefined;
}
