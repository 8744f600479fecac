import { readFileSync } from 'node:fs';
import type { ChunkingKeys, Kernel } from './types.ts';

const MODULE_FILE = new URL('../../build/kernel.wasm', import.meta.url);
const PAGE_BYTES = 65536;

interface KernelExports {
  setSieve(a: number, b: number, c: number, limit: number): void;
  setConfirm(a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number): void;
  search(from: number, to: number, limit: number): number;
  refusedPosition(): number;
  refusedConfirmHash(): number;
  strongest(from: number, to: number): number;
  runFrom(from: number, to: number, runBytes: number): number;
  runEnd(at: number, to: number): number;
}

/** The vector kernel; source in `assembly/kernel.ts`. Each has a memory and keys of its own. */
export class WasmKernel implements Kernel {
  readonly name = 'wasm';
  readonly memory: Uint8Array;
  readonly #exports: KernelExports;

  /** Allocates `memoryBytes` of zeroed memory, rounded up to whole pages of 64 KiB. */
  constructor(module: WebAssembly.Module, memoryBytes: number, keys: ChunkingKeys, sieveLimit: number) {
    const memory = new WebAssembly.Memory({ initial: Math.ceil(memoryBytes / PAGE_BYTES) });
    this.#exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as KernelExports;
    this.#exports.setSieve(...keys.sieve, sieveLimit);
    this.#exports.setConfirm(...keys.confirm);
    this.memory = new Uint8Array(memory.buffer);
  }

  search(from: number, to: number, limit: number): number {
    return this.#exports.search(from, to, limit);
  }

  refusedPosition(): number {
    return this.#exports.refusedPosition();
  }

  refusedConfirmHash(): number {
    return this.#exports.refusedConfirmHash() >>> 0;
  }

  strongest(from: number, to: number): number {
    return this.#exports.strongest(from, to);
  }

  runFrom(from: number, to: number, runBytes: number): number {
    return this.#exports.runFrom(from, to, runBytes);
  }

  runEnd(at: number, to: number): number {
    return this.#exports.runEnd(at, to);
  }
}

let loaded: { readonly module: WebAssembly.Module | undefined } | undefined;

/** The compiled module, once per thread; undefined where it was not built or this machine's WebAssembly has no SIMD. */
export function kernelModule(): WebAssembly.Module | undefined {
  loaded ??= { module: loadModule() };
  return loaded.module;
}

function loadModule(): WebAssembly.Module | undefined {
  try {
    return new WebAssembly.Module(readFileSync(MODULE_FILE));
  } catch {
    return undefined;
  }
}
