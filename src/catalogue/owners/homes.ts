import fs from 'node:fs';
import { hasErrno } from '../../base/errors.ts';
import { type ByteName, nameFromBytes, nameToBytes } from '../../base/names.ts';

/** Accounts below this belong to the system (UID_MIN of login.defs), those from NO_PERSON on to nobody (nobody is 65534). */
const FIRST_PERSON = 1000;
const NO_PERSON = 65_534;

/**
 * The homes of people and of root that exist, with symbolic links resolved. They come from `passwd` (passwd(5)) and `own`, the home of
 * whoever runs this, which a directory service may know alone.
 */
export function homesOf(own: ByteName | undefined, passwd = '/etc/passwd'): ByteName[] {
  const homes = new Set<ByteName>();
  for (const home of [...(own === undefined ? [] : [own]), ...readHomes(passwd)]) {
    try {
      homes.add(nameFromBytes(fs.realpathSync.native(nameToBytes(home), 'buffer')));
    } catch (error) {
      if (!hasErrno(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP')) throw error;
    }
  }
  // An account without a home of its own has "/" there, which would make everything a part of a home.
  homes.delete('/' as ByteName);
  return [...homes];
}

function readHomes(passwd: string): ByteName[] {
  let text: string;
  try {
    text = fs.readFileSync(passwd, 'latin1');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
  return text.split('\n').flatMap((line) => {
    const [, , uid = '', , , home = ''] = line.split(':');
    const isPerson = uid === '0' || (Number(uid) >= FIRST_PERSON && Number(uid) < NO_PERSON);
    return isPerson && home.startsWith('/') ? [home as ByteName] : [];
  });
}
