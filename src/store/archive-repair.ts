import fs from 'node:fs';
import path from 'node:path';
import { syncFolder } from '../sys/durable.ts';

/** What a repair of an archive's file did. */
export interface ArchiveRepair {
  /** What was wrong with the file as a file; undefined when only lines could not be read, or nothing was wrong. */
  readonly problem: string | undefined;
  /** What could not be read, line by line, and where it is kept from now on; undefined when there was none. */
  readonly aside: { readonly file: string; readonly lines: readonly string[] } | undefined;
  /** How many sound lines are left. */
  readonly lines: number;
  /** How many lines were acknowledged, and are neither left nor put aside. */
  readonly lostLines: number;
}

/** The lines of an archive, told apart by whether they can be read; as bytes, since damage need not be valid UTF-8. A torn last line cannot. */
export function sortLines(bytes: Buffer, isSound: (line: string) => boolean): { sound: Buffer[]; damaged: Buffer[] } {
  const sound: Buffer[] = [];
  const damaged: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
    const line = bytes.subarray(start, end);
    (isSound(line.toString('utf8')) ? sound : damaged).push(line);
    start = end + 1;
  }
  if (start < bytes.length) damaged.push(bytes.subarray(start));
  return { sound, damaged };
}

/** Each line with its end. */
export function joinLines(lines: readonly Buffer[]): Buffer {
  return Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
}

/** Adds lines to a file, durably. Done before they are taken from where they stood; so after a crash between the two they are there twice. */
export function putAside(file: string, lines: readonly Buffer[]): void {
  const fd = fs.openSync(file, 'a', 0o600);
  try {
    fs.writeFileSync(fd, joinLines(lines));
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
  syncFolder(path.dirname(file));
}
