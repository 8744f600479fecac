import { dirname } from 'node:path';
import type { ByteName } from '../base/names.ts';
import { wallNs } from '../sys/clock.ts';
import { isBelow, type Paths } from './look/paths.ts';
import type { RootKeeper } from './root-keeper.ts';
import type { ListingTarget } from './scan/listing-writer.ts';
import type { Mounts } from './scan/mounts.ts';
import type { ScanKind, ScanUnderWay } from './scan/scans.ts';
import type { Root, RootRows } from './write/roots.ts';

export interface MountKeeperParts {
  readonly mounts: Mounts;
  readonly paths: Paths;
  readonly roots: RootKeeper;
  readonly rows: RootRows;
  /** Has a directory compared with the disk. */
  readonly scan: (target: ListingTarget, kind: ScanKind) => void;
}

/** Follows what is mounted in roots, and on them. */
export class MountKeeper {
  readonly #parts: MountKeeperParts;

  constructor(parts: MountKeeperParts) {
    this.#parts = parts;
  }

  /** To be called when the roots have become others. */
  rootsChanged(): void {
    this.#parts.mounts.rootsChanged();
  }

  /** A scan has come to something that is mounted: it is entered, unless that is done elsewhere. */
  meet(target: ListingTarget, { recursive, origin }: ScanUnderWay): void {
    const { paths, mounts, scan } = this.#parts;
    const path = paths.ofDirectory(target.id);
    if (path !== undefined && !mounts.isOtherView(path)) scan(target, { recursive, origin, entersMount: true });
  }

  /** Looks where something was mounted or unmounted: the kernel tells no more than that it was, and marks may have gone with it. */
  check(): void {
    const { mounts, rows, roots } = this.#parts;
    const seen = rows.all().filter((root) => !roots.isMissing(root));
    roots.check();
    const { points, alone, again } = mounts.changes();
    const isConcerned = ({ path }: Root) =>
      [...points, ...again].some((point) => isBelow(path, point)) || again.some((point) => isBelow(point, path));
    for (const root of seen) if (!roots.isMissing(root) && isConcerned(root)) roots.compare(root, 'watch lost', wallNs());
    for (const point of points) this.#scan(dirname(point) as ByteName, { recursive: false, origin: 'scan' });
    for (const point of alone) this.#scan(point, { recursive: true, origin: 'scan' });
  }

  #scan(path: ByteName, kind: ScanKind): void {
    const node = this.#parts.paths.find(path);
    if (node?.rest.length === 0) this.#parts.scan({ id: node.id }, kind);
  }
}
