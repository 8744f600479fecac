import type { ByteName } from '../base/names.ts';
import { joinPath, type TreeView, type ViewEntry } from './view.ts';

/** An entry met on a walk. */
export interface WalkItem {
  /** From the top of the walk; empty for the top itself. */
  readonly path: ByteName;
  readonly entry: ViewEntry;
  /** 0 for the top, 1 for what is in it, … */
  readonly depth: number;
}

export interface WalkOptions {
  /** Where to begin, as `path` and its entry; the root when left out. Paths of items then begin with this one. */
  readonly from?: { readonly path: ByteName; readonly entry: ViewEntry };
  /** How deep to go; 1 is a plain listing. Without bound when left out. */
  readonly maxDepth?: number;
  /** Whether to go into a directory; everywhere when left out. */
  readonly into?: (item: WalkItem) => boolean;
  readonly signal?: AbortSignal;
}

/** Items are handed over in batches of about so many, since each handing over costs more than making one. */
const BATCH_ITEMS = 256;

interface Frame {
  readonly path: ByteName;
  readonly depth: number;
  readonly listing: AsyncIterator<readonly ViewEntry[]>;
  batch: readonly ViewEntry[];
  next: number;
}

/**
 * Every entry of a tree, each directory before what is in it, names in order of their bytes; the top first. Batches are never empty. Memory
 * is bounded by the depth of the tree times a node; directories are announced to the view ahead of their listing. Stops when the consumer
 * does.
 */
export async function* walk(view: TreeView, options: WalkOptions = {}): AsyncGenerator<WalkItem[]> {
  const { maxDepth = Number.POSITIVE_INFINITY, into, signal } = options;
  const top = options.from ?? { path: '' as ByteName, entry: view.root };
  let items: WalkItem[] = [];
  const stack: Frame[] = [];
  const visit = (path: ByteName, entry: ViewEntry, depth: number): void => {
    const item = { path, entry, depth };
    items.push(item);
    if (entry.kind !== 'directory' || depth >= maxDepth || into?.(item) === false) return;
    const listing = view.entries(entry, path, signal)[Symbol.asyncIterator]();
    stack.push({ path, depth, listing, batch: [], next: 0 });
  };
  visit(top.path, top.entry, 0);
  try {
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      signal?.throwIfAborted();
      if (frame.next >= frame.batch.length && !(await advance(view, frame, maxDepth))) {
        stack.pop();
        continue;
      }
      const entry = frame.batch[frame.next++] as ViewEntry;
      visit(joinPath(frame.path, entry.name), entry, frame.depth + 1);
      if (items.length >= BATCH_ITEMS) {
        yield items;
        items = [];
      }
    }
    if (items.length > 0) yield items;
  } finally {
    for (const { listing } of stack) await listing.return?.();
  }
}

/** Gets the next batch of a directory; false when there is none. */
async function advance(view: TreeView, frame: Frame, maxDepth: number): Promise<boolean> {
  const { done, value } = await frame.listing.next();
  if (done) return false;
  frame.batch = value;
  frame.next = 0;
  if (frame.depth + 1 < maxDepth && view.willList) {
    const directories = frame.batch.filter(({ kind }) => kind === 'directory');
    if (directories.length > 1) view.willList(directories);
  }
  return true;
}
