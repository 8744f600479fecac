import type { Directory } from '../../../src/sys/types.ts';
import type { NastyContext } from './context.ts';
import { attempt, makeFile, makeFolder, text } from './make.ts';

const MODES = [0o000, 0o001, 0o100, 0o200, 0o222, 0o400, 0o444, 0o644, 0o755, 0o777, 0o1777, 0o2755, 0o4711, 0o6755, 0o7777];

/** Owners that have no name, the largest number that is one (4294967295 means "leave it"), and mixtures. */
const OWNERS: readonly (readonly [uid: number, gid: number])[] = [
  [3_000_000_000, 3_000_000_001],
  [4_294_967_294, 0],
  [0, 4_294_967_294],
  [1, 2],
  [65_534, 65_534],
];

/** Every special mode on files and directories, unreadable ones included; and owners of all sorts. */
export function makeModes(directory: Directory, context: NastyContext): void {
  for (const mode of MODES) {
    const digits = mode.toString(8).padStart(4, '0');
    makeFile(directory, `file-${digits}`, digits);
    directory.setMode(text(`file-${digits}`), mode);
    using folder = makeFolder(directory, `folder-${digits}`);
    makeFile(folder, 'inside', digits);
    directory.setMode(text(`folder-${digits}`), mode);
  }
  for (const [uid, gid] of OWNERS) attempt(context, `owner ${uid}:${gid}`, () => makeOwned(directory, uid, gid));
}

function makeOwned(directory: Directory, uid: number, gid: number): void {
  const suffix = `owned-${uid}-${gid}`;
  makeFile(directory, `file-${suffix}`, suffix);
  directory.setOwner(text(`file-${suffix}`), uid, gid);
  // Giving a file away takes these bits from it, so they come after.
  directory.setMode(text(`file-${suffix}`), 0o6751);
  makeFolder(directory, `folder-${suffix}`).close();
  directory.setOwner(text(`folder-${suffix}`), uid, gid);
  directory.symlink(text('anywhere'), text(`link-${suffix}`));
  directory.setOwner(text(`link-${suffix}`), uid, gid);
  directory.makeNode(text(`fifo-${suffix}`), 'fifo', 0o600);
  directory.setOwner(text(`fifo-${suffix}`), uid, gid);
}
