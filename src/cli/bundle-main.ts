/**
 * Where the bundled `varve` begins, in place of `main.ts`: runs the program, which is one file, with the code that V8 has compiled of it when the same command ran before.
 *
 * Node keeps compiled code by itself, but only of functions that are compiled when a file is loaded. Nearly all are compiled when they are first called, and would be
 * so again in every run. Here each command keeps what it has called. What is kept is as good as the program: it belongs into a folder of the user's own.
 */
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { makeMissingFolders } from '../base/make-folders.ts';

/** The file of the program, by a name that tells its content: V8 itself looks at no more than its length. Put in by the bundler. */
declare const PROGRAM: string;

/** Kept code of other programs is removed when it is so old. */
const KEEP_MS = 30 * 24 * 60 * 60 * 1000;

const path = join(import.meta.dirname, PROGRAM);
const kept = placeOfCode(process.argv[2]);
const cachedData = kept === undefined ? undefined : readTwice(kept.path);
const script = new Script(readFileSync(path, 'latin1'), { filename: path, ...(cachedData !== undefined && { cachedData }) });
if (kept !== undefined && (cachedData === undefined || script.cachedDataRejected))
  process.on('exit', (status) => {
    // One that failed has called other things than the next one will.
    if (status === 0) keep(kept.folder, kept.path);
  });
script.runInThisContext()(createRequire(path), import.meta.dirname);

/** Where the code of a command is kept; undefined where `bin/varve` has found no place for it. */
function placeOfCode(command = ''): { readonly folder: string; readonly path: string } | undefined {
  const folder = process.env.NODE_COMPILE_CACHE;
  if (folder === undefined || !/^[a-z-]+$/.test(command)) return undefined;
  return { folder, path: join(folder, PROGRAM, command) };
}

/** What was written twice over into a file; undefined when there is none, or both differ. V8 would run what a crash or the disk has spoilt, and any sum takes longer to reckon than to compare. */
function readTwice(path: string): Buffer | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return undefined;
  }
  const half = bytes.length / 2;
  const first = bytes.subarray(0, half);
  return half > 0 && first.equals(bytes.subarray(half)) ? first : undefined;
}

/** What cannot be kept is compiled again next time. */
function keep(folder: string, path: string): void {
  try {
    const code = script.createCachedData();
    makeMissingFolders(join(folder, PROGRAM));
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, Buffer.concat([code, code]));
    renameSync(temporary, path);
    for (const name of readdirSync(folder)) {
      const other = join(folder, name);
      if (name.startsWith('program-') && name !== PROGRAM && Date.now() - statSync(other).mtimeMs > KEEP_MS)
        rmSync(other, { recursive: true });
    }
  } catch {}
}
