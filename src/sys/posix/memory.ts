import type { ByteName } from '../../base/names.ts';
import { checkName, NAME_MAX } from '../single-name.ts';

/**
 * Buffers in which arguments stand during a call. They are shared by the whole thread, which is sound because calls are synchronous.
 * They are far larger than V8's limit for typed arrays inside its heap (64 bytes), so they never move.
 */
const firstName = Buffer.alloc(NAME_MAX + 1);
const secondName = Buffer.alloc(NAME_MAX + 1);

const SLASH = 0x2f;

/** A single name as C reads it, checked as `checkName` does. Valid until the next call. */
export function encodeName(name: ByteName): Buffer {
  return encodeInto(firstName, name);
}

/** Like `encodeName`, beside it: for calls with two names. */
export function encodeSecondName(name: ByteName): Buffer {
  return encodeInto(secondName, name);
}

/** Any bytes as a C string, in a buffer of its own. */
export function encodeString(text: ByteName): Buffer {
  return Buffer.from(`${text}\0`, 'latin1');
}

function encodeInto(buffer: Buffer, name: ByteName): Buffer {
  const { length } = name;
  if (length > NAME_MAX || length === 0) checkName(name);
  for (let at = 0; at < length; at++) {
    const byte = name.charCodeAt(at);
    if (byte === SLASH || byte === 0 || byte > 0xff) checkName(name);
    buffer[at] = byte;
  }
  if (length === 2 && name === '..') checkName(name);
  buffer[length] = 0;
  return buffer;
}
