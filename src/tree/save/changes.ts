import { UsageError } from '../../base/errors.ts';
import { type ByteName, showName } from '../../base/names.ts';
import { nameProblem } from '../entry-names.ts';
import { RULE_FILES } from './exclusion.ts';

/**
 * A path below the source that may differ from the tree that was saved before: names joined by slashes, empty for the top.
 *
 * Of a directory `scope` says what of it:
 * - `names`, when it is left out: its attributes and which names are in it; what is behind a name that is there as before, and of the same kind, is not looked at;
 * - `attributes`: those alone;
 * - `all`: everything below. So a directory that came from elsewhere, or took the place of another, is named with it; one that was not there before is looked through anyway.
 *
 * The directories above a path have their attributes looked at too.
 */
export interface Change {
  readonly path: ByteName;
  readonly scope?: 'attributes' | 'names' | 'all';
}

/** What may differ in and below one directory. */
export interface ChangePlan {
  /** Everything below may; nothing else counts then. */
  isWhole: boolean;
  /** Names may have come or gone that are not in `below`. */
  isListed: boolean;
  /** Names that may differ, and what below them if that is a directory. */
  readonly below: Map<ByteName, ChangePlan>;
}

export const WHOLE: ChangePlan = { isWhole: true, isListed: true, below: new Map() };

/** Puts changes together by directories. Throws UsageError for what is no path below the source. */
export function planChanges(changes: Iterable<Change>): ChangePlan {
  const top = emptyPlan();
  for (const { path, scope = 'names' } of changes) {
    let plan = top;
    for (const name of path === '' ? [] : (path.split('/') as ByteName[])) {
      if (nameProblem(name) !== undefined) throw new UsageError(`not a path below what is saved: ${showName(path)}`);
      // They say what of everything below is to be saved.
      if (RULE_FILES.includes(name)) plan.isWhole = true;
      const next = plan.below.get(name) ?? emptyPlan();
      plan.below.set(name, next);
      plan = next;
    }
    if (scope !== 'attributes') plan.isListed = true;
    if (scope === 'all') plan.isWhole = true;
  }
  return top;
}

function emptyPlan(): ChangePlan {
  return { isWhole: false, isListed: false, below: new Map() };
}
