import { readFileSync } from 'node:fs';
import type { ByteName } from '../base/names.ts';

/** Something that is mounted. */
export interface Mount {
  /** Its number; those of mounts that are gone are used again. */
  readonly id: number;
  /** Of its file system: what two mounts of one have in common. */
  readonly device: string;
  /** What of its file system it shows: a path in there. */
  readonly top: ByteName;
  /** Where it is. */
  readonly point: ByteName;
}

/** Number, that of the mount above, device, top and point of a line of proc_pid_mountinfo(5). */
const LINE = /^(\d+) \d+ (\S+) (\S+) (\S+) /;

/** All mounts that this process sees, in the order in which they were made. Empty where they cannot be learnt. */
export function readMounts(): Mount[] {
  let text: string;
  try {
    text = readFileSync('/proc/self/mountinfo', 'latin1');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const [, id, device, top, point] = LINE.exec(line) ?? [];
    if (id === undefined || device === undefined || top === undefined || point === undefined) return [];
    return [{ id: Number(id), device, top: unescaped(top), point: unescaped(point) }];
  });
}

/** Blanks and backslashes are written as octal numbers. */
function unescaped(path: string): ByteName {
  return path.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))) as ByteName;
}
