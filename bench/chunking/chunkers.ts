import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Cutter, type CutterOptions } from '../../src/chunk/cutter.ts';
import type { Bounds } from '../../src/chunk/types.ts';
import { buildModule } from '../../tools/build-kernel.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Below it lie the static data of the module of baselines. */
const BASE = 65536;

/** A chunker with a buffer in its module's memory, so that all are measured on data in the same place. */
export interface Chunker {
  readonly name: string;
  /** Puts a file into the buffer; not part of what is timed. */
  load(bytes: Uint8Array, name?: string): void;
  /** Cuts what was loaded, and calls `piece` with the start and end of each piece. */
  cut(piece: (start: number, end: number) => void): void;
}

type BaselineCut = (from: number, to: number, minBytes: number, targetBytes: number, maxBytes: number) => number;

/** Chunkers with room for files of up to `roomBytes`: ours first, then the baselines. */
export async function chunkersFor(bounds: Bounds, roomBytes: number, options: CutterOptions = {}): Promise<Chunker[]> {
  return [ours(bounds, roomBytes, { scanners: null, ...options }), ...(await baselines(bounds, roomBytes))];
}

/** Our cutter; the same with scanners when `options` leaves them in. */
export function ours(bounds: Bounds, roomBytes: number, options: CutterOptions = {}, name = 'varve'): Chunker {
  const cutter = new Cutter(bounds, { bufferBytes: roomBytes, ...options });
  let loaded = 0;
  return {
    name,
    load(bytes, fileName) {
      cutter.reset(fileName === undefined ? {} : { name: fileName });
      cutter.buffer(bytes.length).set(bytes);
      loaded = bytes.length;
    },
    cut(piece) {
      cutter.fed(loaded);
      cutter.finish();
      for (let next = cutter.next(); next; next = cutter.next()) piece(next.offset, next.offset + next.size);
    },
  };
}

async function baselines(bounds: Bounds, roomBytes: number): Promise<Chunker[]> {
  const output = join(ROOT, 'build', 'baselines.wasm');
  await buildModule(join(ROOT, 'assembly', 'baselines', 'baselines.ts'), output);
  const memory = new WebAssembly.Memory({ initial: Math.ceil((BASE + roomBytes + 128) / 65536) });
  const module = new WebAssembly.Module(readFileSync(output));
  const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as Record<string, BaselineCut> & { prepare(): void };
  exports.prepare();
  const bytes = new Uint8Array(memory.buffer);
  let end = BASE;
  const { minBytes, targetBytes, maxBytes } = bounds;
  return ['gear', 'seqcdc', 'ram'].map((name): Chunker => {
    const next = exports[name] as BaselineCut;
    return {
      name,
      load(data) {
        bytes.set(data, BASE);
        end = BASE + data.length;
      },
      cut(piece) {
        for (let at = BASE; at < end; ) {
          const cut = next(at, end, minBytes, targetBytes, maxBytes);
          piece(at - BASE, cut - BASE);
          at = cut;
        }
      },
    };
  });
}
