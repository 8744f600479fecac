import { SystemError } from '../../base/errors.ts';
import { type ByteName, nameFromBytes, nameFromText, nameToBytes, showName } from '../../base/names.ts';
import { checkName } from '../single-name.ts';

/**
 * Paths between byte names and node:fs. Where names are bytes, node takes and gives buffers. Windows has names of UTF-16, which stand as
 * UTF-8 in byte names.
 */
export const isWindows = process.platform === 'win32';

/** On Windows these separate, or open a stream of another file; none can be part of a name there. */
const FORBIDDEN_ON_WINDOWS = /[\\:*?"<>|]/;

/** `name` in the directory at `path`, after checking that it stays there. */
export function join(path: ByteName, name: ByteName): ByteName {
  checkName(name);
  if (isWindows && FORBIDDEN_ON_WINDOWS.test(name)) throw new SystemError('EINVAL', 'name', showName(name));
  if (name === '.') return path;
  return (path.endsWith('/') ? `${path}${name}` : `${path}/${name}`) as ByteName;
}

export function toNode(path: ByteName): Buffer | string {
  const bytes = nameToBytes(path);
  return isWindows ? bytes.toString('utf8') : bytes;
}

export function fromNode(path: Buffer | string): ByteName {
  return typeof path === 'string' ? nameFromText(path) : nameFromBytes(path);
}
