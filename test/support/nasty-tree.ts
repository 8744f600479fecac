import { nameFromText } from '../../src/base/names.ts';
import { system } from '../../src/sys/system.ts';
import type { Directory } from '../../src/sys/types.ts';
import { makeAttributes } from './nasty/attributes.ts';
import { makeContents } from './nasty/contents.ts';
import type { NastyContext } from './nasty/context.ts';
import { makeDepths } from './nasty/depths.ts';
import { makeKinds } from './nasty/kinds.ts';
import { makeLinks } from './nasty/links.ts';
import { makeModes } from './nasty/modes.ts';
import { makeNames } from './nasty/names.ts';
import { makeTimes } from './nasty/times.ts';

export interface NastyTreeOptions {
  /** 1: a directory of 100 000 entries, 2000 levels, a sparse file of 4 GiB. Smaller for tests that run often; the kinds of trouble stay the same. */
  readonly scale?: number;
  /** Whether paths may be longer than PATH_MAX, which rsync and most other programs cannot read; default true. */
  readonly beyondPathMax?: boolean;
}

/**
 * Fills an empty directory with everything that has ever broken a program that copies trees. Needs Linux. Returns what rights or the
 * file system did not allow, one phrase each; as root on ext4, xfs or btrfs that is nothing.
 */
export function makeNastyTree(path: string, { scale = 1, beyondPathMax = true }: NastyTreeOptions = {}): string[] {
  const skipped: string[] = [];
  const context: NastyContext = { scale, beyondPathMax, isRoot: process.getuid?.() === 0, skip: (what) => skipped.push(what) };
  using top = system().openDirectory(nameFromText(path));
  const parts: Record<string, (directory: Directory, context: NastyContext) => void> = {
    attributes: makeAttributes,
    contents: makeContents,
    depths: makeDepths,
    kinds: makeKinds,
    links: makeLinks,
    modes: makeModes,
    names: makeNames,
    times: makeTimes,
  };
  for (const [name, make] of Object.entries(parts)) {
    top.makeDirectory(nameFromText(name), 0o755);
    using directory = top.openDirectory(nameFromText(name));
    make(directory, context);
  }
  return skipped;
}
