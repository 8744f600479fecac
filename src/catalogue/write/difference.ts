import type { EventKind, NodeState } from '../types.ts';

/** Whether two states are of the same file: inode, device and kind, and birth time where it is kept, since an inode is used again. */
export function isSameFile(a: NodeState, b: NodeState): boolean {
  return a.inode === b.inode && a.device === b.device && a.kind === b.kind && a.born === b.born;
}

/** Whether a file can be in several places. */
export function isLinked({ kind, links }: NodeState): boolean {
  return links > 1 && kind !== 'directory';
}

/**
 * What has become of a file whose stat was `before` and is `after`: `undefined` when nothing that concerns people has. Change time alone is a change
 * of attributes (extended ones and access lists show nowhere else), but not of a directory, whose times follow what is in it.
 */
export function differenceOf(before: NodeState, after: NodeState): Extract<EventKind, 'modified' | 'attributes'> | undefined {
  if (before.kind !== 'directory' && (before.size !== after.size || before.mtime !== after.mtime)) return 'modified';
  if (before.mode !== after.mode || before.uid !== after.uid || before.gid !== after.gid) return 'attributes';
  if (before.kind === 'directory') return undefined;
  return before.links !== after.links || before.ctime !== after.ctime ? 'attributes' : undefined;
}

/** Whether anything of the row differs, be it worth an event or not. */
export function differs(before: NodeState, after: NodeState): boolean {
  return (
    before.ctime !== after.ctime ||
    before.mtime !== after.mtime ||
    before.size !== after.size ||
    before.disk !== after.disk ||
    before.mode !== after.mode ||
    before.uid !== after.uid ||
    before.gid !== after.gid ||
    before.links !== after.links
  );
}
