import type { ByteName } from '../../base/names.ts';
import { isBelow } from '../look/paths.ts';
import { DEFAULT_FLAGS } from './flags.ts';
import type { OwnerMatcher } from './matcher.ts';
import type { Owner, SaveFlags } from './types.ts';

/**
 * What is to be done with the files of watched roots. A shipped rule that claims a whole root, or a folder above it, does not hold there: whoever has a folder watched wants its
 * content, also where such folders in general are not worth it. Of roots in one another the innermost counts.
 */
export class RootFlags {
  readonly #roots: readonly { readonly path: ByteName; readonly owner: Owner | undefined }[];

  constructor(matcher: OwnerMatcher, roots: readonly ByteName[]) {
    this.#roots = roots.toSorted((a, b) => b.length - a.length).map((path) => ({ path, owner: matcher.ownerOf(path) }));
  }

  /** The flags of a path that belongs to `owner`. */
  of(path: ByteName, owner: Owner | undefined): SaveFlags {
    if (owner === undefined) return DEFAULT_FLAGS;
    if (owner.source !== 'shipped') return owner.flags;
    const root = this.#roots.find((each) => isBelow(path, each.path));
    return owner === root?.owner ? DEFAULT_FLAGS : owner.flags;
  }
}
