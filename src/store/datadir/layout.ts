import path from 'node:path';

/** Where things stand in a datadir; see docs/formats.md, "Datadir". */
export class Layout {
  readonly root: string;
  readonly header: string;
  /** A copy of the header, should that be damaged. */
  readonly headerCopy: string;
  readonly segments: string;
  readonly index: string;
  readonly archives: string;
  readonly sessions: string;
  /** List of segments that are about to be removed. */
  readonly condemned: string;
  /** How far a verification has come. */
  readonly verifying: string;
  /** Takes up space for those who free space. */
  readonly reserve: string;
  /** Held (flock) by what removes revisions or blocks: one at a time. */
  readonly collectorLock: string;
  /** Held (flock) by whoever merges index runs. */
  readonly mergeLock: string;

  constructor(root: string) {
    this.root = root;
    this.header = path.join(root, 'store.json');
    this.headerCopy = path.join(root, 'store.copy.json');
    this.segments = path.join(root, 'segments');
    this.index = path.join(root, 'index');
    this.archives = path.join(root, 'archives');
    this.sessions = path.join(root, 'sessions');
    this.condemned = path.join(root, 'condemned.json');
    this.verifying = path.join(root, 'verify.json');
    this.reserve = path.join(root, 'reserve');
    this.collectorLock = path.join(root, 'collector.lock');
    this.mergeLock = path.join(this.index, 'merge.lock');
  }

  /** A segment that may still grow. */
  growing(segment: string): string {
    return path.join(this.segments, `${segment}.growing`);
  }

  /** A closed segment: it never changes again. */
  closed(segment: string): string {
    return path.join(this.segments, `${segment}.vseg`);
  }
}
