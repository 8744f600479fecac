import { SystemError } from '../base/errors.ts';
import { type ByteName, showName } from '../base/names.ts';

/** Linux's NAME_MAX, in bytes. */
export const NAME_MAX = 255;

/** A slash, NUL, or a character that is no byte (whose lower half might be a slash). */
const FORBIDDEN = /[/\0\u0100-\uffff]/;

/** Throws unless `name` is one component that cannot lead out of its directory. */
export function checkName(name: ByteName): void {
  if (name.length > NAME_MAX) throw new SystemError('ENAMETOOLONG', 'name', showName(name));
  if (name === '' || name === '..' || FORBIDDEN.test(name)) throw new SystemError('EINVAL', 'name', showName(name));
}

/** The components of a relative path, without empty ones and `.`; throws EXDEV when it is absolute or holds `..`. */
export function relativeComponents(path: ByteName): ByteName[] {
  const components = path.split('/').filter((component) => component !== '' && component !== '.') as ByteName[];
  if (path.startsWith('/') || components.includes('..' as ByteName)) throw new SystemError('EXDEV', 'resolve', showName(path));
  components.forEach(checkName);
  return components;
}
