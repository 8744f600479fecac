import fs from 'node:fs';

/** Linux and macOS have it. */
const DEVICE = '/dev/urandom';

/**
 * Bytes that nobody can foresee. They come from the kernel's device where there is one, since node:crypto takes some 5 ms to be loaded, a twentieth of all that saving a watched
 * folder takes.
 */
export function randomBytes(count: number): Buffer {
  const bytes = Buffer.alloc(count);
  return readDevice(bytes) ? bytes : process.getBuiltinModule('node:crypto').randomFillSync(bytes);
}

/** A random UUID (RFC 9562, version 4) in lower case: no two are alike, on whatever machines they are made. */
export function randomUuid(): string {
  const bytes = randomBytes(16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function readDevice(bytes: Buffer): boolean {
  let fd: number;
  try {
    fd = fs.openSync(DEVICE, 'r');
  } catch {
    return false;
  }
  try {
    for (let at = 0; at < bytes.length; ) {
      const got = fs.readSync(fd, bytes, at, bytes.length - at, null);
      if (got === 0) return false;
      at += got;
    }
    return true;
  } finally {
    fs.closeSync(fd);
  }
}
