import type { Directory, Time } from '../../../src/sys/types.ts';
import { makeFile, makeFolder, text } from './make.ts';

/** Borders of 32-bit seconds, and nanoseconds that no double of seconds can hold. ext4 keeps 1901 to 2446. */
const TIMES: readonly Time[] = [
  { seconds: -2_147_483_648, nanoseconds: 0 },
  { seconds: -86_400, nanoseconds: 123_456_789 },
  { seconds: -1, nanoseconds: 999_999_999 },
  { seconds: 0, nanoseconds: 0 },
  { seconds: 0, nanoseconds: 1 },
  { seconds: 1_000_000_000, nanoseconds: 999_999_999 },
  { seconds: 2_147_483_647, nanoseconds: 999_999_999 },
  { seconds: 2_147_483_648, nanoseconds: 1 },
  { seconds: 4_294_967_296, nanoseconds: 5 },
  { seconds: 9_000_000_000, nanoseconds: 987_654_321 },
];

/** Files, directories with something in them, symbolic links and FIFOs of every such time. */
export function makeTimes(directory: Directory): void {
  for (const [index, time] of TIMES.entries()) {
    const names = [`file ${index}`, `folder ${index}`, `link ${index}`, `fifo ${index}`].map(text);
    makeFile(directory, names[0] as string, String(time.seconds));
    using folder = makeFolder(directory, names[1] as string);
    makeFile(folder, 'inside', 'a file made after its folder');
    directory.symlink(text(`file ${index}`), text(`link ${index}`));
    directory.makeNode(text(`fifo ${index}`), 'fifo', 0o644);
    for (const name of names) directory.setTimes(name, time);
  }
}
