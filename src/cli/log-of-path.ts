import type { ByteName } from '../base/names.ts';
import { digestFromText } from '../hash/digest.ts';
import type { Store } from '../store/types.ts';
import { fileHistory, type HistoricTree, type HistoryEvent } from '../tree/file-history.ts';
import { NotFoundError, showPath } from '../tree/resolve-reference.ts';
import type { LoggedRevision } from '../tree/revision-line.ts';
import { decodeRoot } from '../tree/root-block.ts';
import { StoredTree, sizeOf } from '../tree/view.ts';
import type { Context } from './context.ts';
import { entryJson, joinNames, showPathIn } from './entry-json.ts';
import { formatSize } from './output/amounts.ts';
import { pad } from './output/table.ts';
import { formatTime } from './output/times.ts';

/** A revision and how many came after it. */
export interface CountedRevision {
  readonly revision: LoggedRevision;
  readonly back: number;
}

/** Prints what happened to a path in the revisions given, newest first. Throws NotFoundError when it is in none of them. */
export async function logOfPath(
  context: Context,
  store: Store,
  revisions: readonly CountedRevision[],
  names: readonly ByteName[],
  limit: number,
): Promise<void> {
  let printed = 0;
  for await (const event of fileHistory(treesOf(store, revisions), joinNames(names), { signal: context.signal })) {
    if (printed++ >= limit) break;
    context.output.result(eventJson(event), () => [eventLine(event)]);
  }
  if (printed === 0)
    throw new NotFoundError(`${showPath(names)} in any of these revisions`, [], 'Search for it with: varve find ARCHIVE NAME');
}

async function* treesOf(store: Store, revisions: readonly CountedRevision[]): AsyncGenerator<HistoricTree<CountedRevision>> {
  let readers: StoredTree | undefined;
  for (const counted of revisions) {
    const root = decodeRoot(await store.get(digestFromText(counted.revision.tree)));
    readers = readers?.at(root) ?? new StoredTree(store, root);
    yield { revision: counted, view: readers };
  }
}

function eventJson({
  kind,
  revision: { revision, back },
  path,
  from,
  before,
  after,
}: HistoryEvent<CountedRevision>): Record<string, unknown> {
  return {
    kind,
    path: showPathIn(path),
    ...(from !== undefined && { from: showPathIn(from) }),
    ...{ back, time: revision.time, tree: revision.tree },
    ...(before && { before: entryJson(before, from ?? path) }),
    ...(after && { after: entryJson(after, path) }),
  };
}

function eventLine({ kind, revision: { revision, back }, path, from, after }: HistoryEvent<CountedRevision>): string {
  const size = after?.kind === 'file' ? formatSize(sizeOf(after)) : (after?.kind ?? '');
  const where = from === undefined ? showPathIn(path) : `${showPathIn(from)} → ${showPathIn(path)}`;
  return `${pad(`~${back}`, 4, 'left')}  ${formatTime(revision.time)}  ${pad(kind, 10, 'left')}  ${pad(size, 9, 'right')}  ${where}`;
}
