/**
 * Compiles `assembly/kernel.ts` to `build/kernel.wasm`, unless that is newer than every source. The compiler is imported only when
 * there is work for it, because every `npm test` and `npm start` passes here.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OPTIONS = ['-O3', '--runtime', 'stub', '--importMemory', '--noAssert', '--enable', 'simd'];

/**
 * Compiles one AssemblyScript module to `output` when it is older than any file of the folder of `source`, and tells whether it did.
 * Throws with the compiler's messages when the source has faults. The output appears whole or not at all.
 */
export async function buildModule(source: string, output: string): Promise<boolean> {
  if (modified(output) > newestIn(dirname(source))) return false;
  const { default: asc } = await import('assemblyscript/asc');
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main([source, '--outFile', 'kernel.wasm', ...OPTIONS], {
    readFile: (name, base) => readOrNull(join(base, name)),
    listFiles: () => [],
    writeFile: (_name, contents) => {
      binary = contents as Uint8Array;
    },
  });
  if (error || !binary) throw new Error(`cannot compile ${source}\n${stderr.toString()}`, { cause: error });
  mkdirSync(dirname(output), { recursive: true });
  const temporary = `${output}.${process.pid}`;
  writeFileSync(temporary, binary);
  renameSync(temporary, output);
  return true;
}

function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newestIn(folder: string): number {
  return Math.max(...readdirSync(folder).map((name) => modified(join(folder, name))));
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

if (import.meta.main) await buildModule(join(ROOT, 'assembly', 'kernel.ts'), join(ROOT, 'build', 'kernel.wasm'));
