import { ReferenceKernel } from './reference.ts';
import type { ChunkingKeys, Kernel, KernelName } from './types.ts';
import { kernelModule, WasmKernel } from './wasm.ts';

/** Vector loads touch up to this many bytes after the data; kernels are given that much memory more. */
const SLACK_BYTES = 128;

/** Which kernel this process cuts with, for `doctor`. */
export function kernelName(): KernelName {
  return kernelModule() ? 'wasm' : 'reference';
}

/** A kernel with room for `bytes` bytes of data at its indices 0 to `bytes`; the one named, or the fastest there is. Throws Error when the module is missing. */
export function openKernel(bytes: number, keys: ChunkingKeys, sieveLimit: number, name: KernelName = kernelName()): Kernel {
  if (name === 'reference') return new ReferenceKernel(new Uint8Array(bytes), keys, sieveLimit);
  const module = kernelModule();
  if (!module) throw new Error('the chunking kernel is not built: run npm run build');
  return new WasmKernel(module, bytes + SLACK_BYTES, keys, sieveLimit);
}
