import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { type BuildOptions, build, transform } from 'esbuild';

/**
 * The program of `entry` as the text of one script: a function that takes `require` and the folder it stands in, and runs it. What is loaded together (a chunk) is a function of its own, which runs when it is first asked for.
 * So what a command does not need costs nothing but being read.
 */
export async function programOf(entry: string, options: BuildOptions): Promise<string> {
  const { outputFiles = [] } = await build({
    ...options,
    entryPoints: [entry],
    outdir: 'build/bundle',
    format: 'esm',
    splitting: true,
    write: false,
  });
  const chunks = await Promise.all(
    outputFiles.map(async ({ path, text }) => {
      const { code } = await transform(text, {
        format: 'cjs',
        platform: 'node',
        target: 'node26',
        minifyWhitespace: true,
        // Chunks are found by `load`, which waits for nothing.
        supported: { 'dynamic-import': false },
        // Threads beside it are found by its address, and have its ending.
        define: { 'import.meta.url': 'address' },
      });
      return `${JSON.stringify(`./${basename(path)}`)}(require,exports,module){${inAscii(code)}}`;
    }),
  );
  const first = JSON.stringify(`./${basename(entry).replace(/\.ts$/, '.js')}`);
  return `(function (require, folder) {
const address = require('node:url').pathToFileURL(folder + '/main.js').href;
const loaded = {};
function load(name) {
  if (!Object.hasOwn(chunks, name)) return require(name);
  if (!Object.hasOwn(loaded, name)) chunks[name](load, (loaded[name] = { exports: {} }).exports, loaded[name]);
  return loaded[name].exports;
}
const chunks = {
${chunks.join(',\n')}
};
load(${first});
})
`;
}

/** esbuild escapes what is in texts, but not in regular expressions. A script of ASCII takes half the memory, and can be read as it is. */
function inAscii(code: string): string {
  return code.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A name for a program that no other program has. */
export function nameOfProgram(text: string): string {
  return `program-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.js`;
}
