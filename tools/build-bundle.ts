/**
 * Bundles the command, its threads, and what other programs import into `build/bundle`, unless that is newer than every source; `bin/varve` runs the sources whenever they are newer.
 *
 * The command is one file, in which each part, ours or Node's, is begun when it is first asked for: files cost half a millisecond each to find and to load, and a module of Node's that is
 * imported costs what all of its exports do. `main.cjs` runs it (src/cli/bundle-main.ts). Threads are modules that share chunks, named by their content. What is old is left for a while, so a command that runs
 * while this builds finds what it has yet to load.
 *
 * Packages with native parts stay outside; those that are large and seldom asked for are files of their own.
 */
import { readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';
import { BUNDLED, bundleModules, SOURCES } from './bundle.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUTPUT = join(ROOT, 'build', 'bundle');
const MAIN = join(OUTPUT, 'main.cjs');
const KEEP_MS = 24 * 60 * 60 * 1000;
const SELDOM = ['chrono-node', 'diff'];
/** What other programs import, by the names in package.json. */
const LIBRARY = { monitor: join(ROOT, 'src/monitor/index.ts') };

/** Leaves those packages to be loaded from beside the command. */
const seldom: Plugin = {
  name: 'seldom',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^(${SELDOM.join('|')})$`) }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path: `./${path}.js`, external: true } : undefined,
    );
  },
};

if (modified(MAIN) <= Math.max(...SOURCES.map(modified), modified(join(ROOT, 'package.json')))) await bundle();

async function bundle(): Promise<void> {
  await bundleModules({ ...LIBRARY, ...Object.fromEntries(SELDOM.map((name) => [name, name])) }, OUTPUT);
  const { nameOfProgram, programOf } = await import('./bundle-program.ts');
  const program = await programOf(join(ROOT, 'src/cli/main.ts'), { ...BUNDLED, plugins: [seldom] });
  const name = nameOfProgram(program);
  writeFileSync(join(OUTPUT, name), program);
  const { build } = await import('esbuild');
  await build({
    ...BUNDLED,
    entryPoints: [join(ROOT, 'src/cli/bundle-main.ts')],
    outfile: MAIN,
    format: 'cjs',
    define: { PROGRAM: JSON.stringify(name), 'import.meta.dirname': '__dirname' },
  });
  const now = new Date();
  for (const file of [join(OUTPUT, name), MAIN]) utimesSync(file, now, now);
  for (const name of readdirSync(OUTPUT)) if (now.getTime() - modified(join(OUTPUT, name)) > KEEP_MS) rmSync(join(OUTPUT, name));
}

function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
