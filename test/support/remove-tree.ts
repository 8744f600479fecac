import { hasErrno } from '../../src/base/errors.ts';
import { type ByteName, nameFromText } from '../../src/base/names.ts';
import { system } from '../../src/sys/system.ts';
import type { Directory } from '../../src/sys/types.ts';

const DIRECTORY = 4;

/** Empties a directory, also of trees deeper than PATH_MAX, where `rm` of node:fs gives up. */
export function emptyDirectory(path: string): void {
  let current: Directory = system().openDirectory(nameFromText(path));
  /** For each level above the current one: what it is called there. */
  const names: ByteName[] = [];
  for (;;) {
    const inner = removeFiles(current);
    if (inner !== undefined) {
      const next = current.openDirectory(inner);
      current.close();
      current = next;
      names.push(inner);
      continue;
    }
    const name = names.pop();
    if (name === undefined) break;
    const parent = current.openParent();
    current.close();
    parent.removeDirectory(name);
    current = parent;
  }
  current.close();
}

/** Removes all but directories, of which it returns one that is to be emptied first. */
function removeFiles(directory: Directory): ByteName | undefined {
  const { names, types } = directory.entries();
  let inner: ByteName | undefined;
  for (const [index, name] of names.entries()) {
    if (types[index] !== DIRECTORY) directory.remove(name);
    else if (!removedEmpty(directory, name)) inner = name;
  }
  if (inner !== undefined) directory.setMode(inner, 0o700);
  return inner;
}

function removedEmpty(directory: Directory, name: ByteName): boolean {
  try {
    directory.removeDirectory(name);
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOTEMPTY', 'EEXIST')) return false;
    throw error;
  }
}
