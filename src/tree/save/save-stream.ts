import type { ByteName } from '../../base/names.ts';
import { createCutter } from '../../chunk/cutter.ts';
import type { Store } from '../../store/types.ts';
import { encodeRoot } from '../root-block.ts';
import type { Time } from '../types.ts';
import { Gatherer } from './gatherer.ts';
import { currentOwner } from './owners.ts';
import { PendingContent } from './pending-content.ts';
import type { SavedTree } from './save-tree.ts';
import type { Tally } from './tally.ts';

/** Who may read what came through a pipe is not known, so only its owner may read the file that it becomes. */
const MODE = 0o600;

/** Bytes that come from somewhere else than a file: a program's output, say. */
export interface StreamSource {
  readonly stream: AsyncIterable<Uint8Array>;
  /** What it is called; its ending may tell the format. */
  readonly name: ByteName;
}

/** Saves a stream as a file, which is the root of its tree. Memory does not grow with it. Rejects with the stream's error. */
export async function saveStream(parts: StreamSource & { readonly store: Store; readonly tally: Tally }): Promise<SavedTree> {
  const { stream, name, store, tally } = parts;
  const cutter = createCutter(store.chunking);
  const gatherer = new Gatherer(store);
  const content = new PendingContent(gatherer);
  await gatherer.setBulk(true);
  cutter.reset({ name });
  const take = () => {
    for (let piece = cutter.next(); piece !== undefined; piece = cutter.next()) content.append(piece);
  };
  for await (const bytes of stream) {
    for (let at = 0; at < bytes.length; ) {
      if (cutter.freeBytes < FEED_BYTES) await gatherer.settle();
      const part = bytes.subarray(at, at + FEED_BYTES);
      cutter.buffer(FEED_BYTES).set(part);
      cutter.fed(part.length);
      at += part.length;
      take();
    }
    tally.readBytes += bytes.length;
    tally.streamed(bytes.length);
  }
  cutter.finish();
  take();
  await gatherer.settle();
  tally.readFiles++;
  tally.done(content.size);
  const root = encodeRoot({ kind: 'file', mode: MODE, owner: currentOwner(), mtime: now(), content: content.ref() });
  gatherer.emit(root);
  await gatherer.settle();
  return { root, changed: true };
}

const FEED_BYTES = 1 << 18;

function now(): Time {
  const ms = Date.now();
  return { seconds: Math.floor(ms / 1000), nanoseconds: (ms % 1000) * 1_000_000 };
}
