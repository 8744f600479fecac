import { constants } from 'node:os';
import { nameFromText } from '../../base/names.ts';
import { addressOf, libc } from './libc.ts';
import { encodeString } from './memory.ts';

/**
 * Users and groups through libc, so that those beyond /etc/passwd (LDAP, systemd) are known too. An answer is kept as long as the thread
 * lives: names hardly change, and one tree should be described by one state of them. Names are text to us; a lookup that fails is an
 * unknown name, since no caller could do better than to go by number.
 */
const entry = Buffer.alloc(256);
const result = Buffer.alloc(256);
/** Grows with the largest group met: its list of members counts. */
let strings = Buffer.alloc(64 * 1024);
const MAX_STRINGS_BYTES = 64 * 1024 * 1024;

/** `pw_uid` of struct passwd and `gr_gid` of struct group stand behind the two pointers that both begin with, on 64-bit systems. */
const ID_OFFSET = 16;

type Lookup<Key> = (key: Key, entry: Uint8Array, strings: Uint8Array, size: number, result: Uint8Array) => number;

export const userName = remembered((uid: number) => (found(libc.getpwuid_r, uid) ? readName() : undefined));
export const groupName = remembered((gid: number) => (found(libc.getgrgid_r, gid) ? readName() : undefined));
export const userId = remembered((name: string) => (found(libc.getpwnam_r, encodeText(name)) ? readId() : undefined));
/** `pw_gid` follows `pw_uid`. */
export const account = remembered((user: string) =>
  found(libc.getpwnam_r, encodeText(user)) ? { uid: readId(), gid: entry.readUInt32LE(ID_OFFSET + 4) } : undefined,
);
export const groupId = remembered((name: string) => (found(libc.getgrnam_r, encodeText(name)) ? readId() : undefined));

function found<Key>(lookup: Lookup<Key>, key: Key): boolean {
  for (;;) {
    const errno = lookup(key, entry, strings, strings.length, result);
    if (errno === 0) return result.readBigUInt64LE(0) !== 0n;
    if (errno === constants.errno.ERANGE && strings.length < MAX_STRINGS_BYTES) strings = Buffer.alloc(strings.length * 4);
    else if (errno !== constants.errno.EINTR) return false;
  }
}

/** The first member of both structures points to the name, which lies in `strings`. */
function readName(): string {
  const start = Number(entry.readBigUInt64LE(0) - addressOf(strings));
  return strings.toString('utf8', start, strings.indexOf(0, start));
}

function readId(): number {
  return entry.readUInt32LE(ID_OFFSET);
}

function encodeText(text: string): Buffer {
  return encodeString(nameFromText(text));
}

function remembered<Key, Value>(look: (key: Key) => Value | undefined): (key: Key) => Value | undefined {
  const known = new Map<Key, Value | undefined>();
  return (key) => {
    const value = known.get(key);
    if (value !== undefined || known.has(key)) return value;
    const fresh = look(key);
    known.set(key, fresh);
    return fresh;
  };
}
