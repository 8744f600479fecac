import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { errnoText } from '../base/errors.ts';
import { Cutter } from '../chunk/cutter.ts';
import { type ChunkStatistics, ChunkStatisticsCollector } from '../chunk/statistics.ts';
import type { Bounds } from '../chunk/types.ts';
import { digestKey } from '../hash/digest.ts';
import type { HashAlgorithm } from '../hash/types.ts';
import type { ItemError } from '../tree/types.ts';

const READ_BYTES = 256 * 1024;

export interface ChunkStatisticsOptions {
  readonly bounds: Bounds;
  readonly hash: HashAlgorithm;
  readonly onError: (error: ItemError) => void;
  readonly signal: AbortSignal;
}

/** Cuts files as save would, keeps nothing, and counts (S7). Symbolic links are not followed. */
export function chunkStatistics(paths: readonly string[], { bounds, hash, onError, signal }: ChunkStatisticsOptions): ChunkStatistics {
  const collector = new ChunkStatisticsCollector();
  const cutter = new Cutter(bounds);
  const drain = () => {
    for (let piece = cutter.next(); piece; piece = cutter.next()) {
      collector.addPiece(piece, cutter.format, piece.kind === 'block' ? digestKey(hash.hash(piece.bytes)) : '');
    }
  };
  const cutFile = (path: string) => {
    const fd = openSync(path, 'r');
    try {
      cutter.reset({ name: basename(path) });
      for (let got = -1; got !== 0; ) {
        got = readSync(fd, cutter.buffer(READ_BYTES), 0, READ_BYTES, null);
        if (got > 0) cutter.fed(got);
        else cutter.finish();
        drain();
      }
      collector.addFile(cutter.format);
    } finally {
      closeSync(fd);
    }
  };
  for (const path of paths) {
    for (const file of filesBelow(path, onError)) {
      signal.throwIfAborted();
      guarded(file, onError, () => cutFile(file));
    }
  }
  return collector.result();
}

function* filesBelow(path: string, onError: (error: ItemError) => void): Generator<string> {
  const stat = guarded(path, onError, () => statSync(path));
  if (stat?.isFile()) yield path;
  if (!stat?.isDirectory()) return;
  for (const entry of guarded(path, onError, () => readdirSync(path, { withFileTypes: true })) ?? []) {
    if (entry.isDirectory()) yield* filesBelow(join(path, entry.name), onError);
    else if (entry.isFile()) yield join(path, entry.name);
  }
}

/** What fails for one file is told, and the rest goes on. */
function guarded<Result>(path: string, onError: (error: ItemError) => void, act: () => Result): Result | undefined {
  try {
    return act();
  } catch (error) {
    const { code, syscall } = error as { code?: string; syscall?: string };
    if (code === undefined || syscall === undefined) throw error;
    onError({ path, code, message: errnoText(code) });
    return undefined;
  }
}
