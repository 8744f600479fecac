import type { ByteName } from '../../src/base/names.ts';

/** Events as the kernel lays them out, for decoders: inotify(7), fanotify(7). */
export function inotifyEvent(watch: number, mask: number, cookie: number, name: ByteName | ''): Buffer {
  const padded = name === '' ? 0 : Math.ceil((name.length + 1) / 16) * 16;
  const event = Buffer.alloc(16 + padded);
  event.writeInt32LE(watch, 0);
  event.writeUInt32LE(mask, 4);
  event.writeUInt32LE(cookie, 8);
  event.writeUInt32LE(padded, 12);
  event.write(name, 16, 'latin1');
  return event;
}

export const RECORD = { fid: 1, directoryAndName: 2, directory: 3, oldDirectoryAndName: 10, newDirectoryAndName: 12 };

export interface FanotifyRecord {
  readonly type: number;
  /** Id of a file system and file handle, as in a key. */
  readonly key: string;
  readonly name: ByteName | '';
}

export function fanotifyEvent(mask: number, pid: number, records: readonly FanotifyRecord[]): Buffer {
  const encoded = Buffer.concat(records.map(encodeRecord));
  const event = Buffer.alloc(24);
  event.writeUInt32LE(24 + encoded.length, 0);
  event.writeUInt8(3, 4);
  event.writeUInt16LE(24, 6);
  event.writeUInt32LE(mask, 8);
  event.writeInt32LE(-1, 16);
  event.writeInt32LE(pid, 20);
  return Buffer.concat([event, encoded]);
}

/** The key of a directory whose handle has these bytes. */
export function fanotifyKey(handle: Buffer, type = 1): string {
  const head = Buffer.alloc(16, 'fsid');
  head.writeUInt32LE(handle.length, 8);
  head.writeInt32LE(type, 12);
  return head.toString('latin1') + handle.toString('latin1');
}

function encodeRecord({ type, key, name }: FanotifyRecord): Buffer {
  const content = `${key}${name}${name === '' ? '' : '\0'}`;
  const record = Buffer.alloc(4 + Math.ceil(content.length / 4) * 4);
  record.writeUInt8(type, 0);
  record.writeUInt16LE(record.length, 2);
  record.write(content, 4, 'latin1');
  return record;
}
