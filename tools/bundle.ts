import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildOptions } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Every source that is published. */
export const SOURCES: readonly string[] = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => join(ROOT, 'src', file));

/** What all bundles have in common. Packages with native parts stay outside. */
export const BUNDLED: BuildOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  target: 'node26',
  minifyWhitespace: true,
  legalComments: 'eof',
  external: ['koffi', '@napi-rs/blake-hash'],
  logLevel: 'warning',
};

/** Bundles every thread, and beside them `others` (sources and packages by the names that they get), as modules that share chunks, into a folder of this package. */
export async function bundleModules(others: Readonly<Record<string, string>>, output: string): Promise<void> {
  const { build } = await import('esbuild');
  mkdirSync(output, { recursive: true });
  const threads = SOURCES.filter((file) => file.endsWith('-worker.ts')).map((file) => [file.replace(/^.*\/|\.ts$/g, ''), file]);
  await build({
    ...BUNDLED,
    entryPoints: { ...Object.fromEntries(threads), ...others },
    outdir: output,
    splitting: true,
    format: 'esm',
    // Packages in CommonJS that were bundled ask for Node's own modules by `require`.
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  });
}
