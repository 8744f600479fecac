import { readFileSync, readlinkSync } from 'node:fs';
import { libc } from '../posix/libc.ts';
import { MADV_DONTNEED } from './flags.ts';

export function giveMemoryBack(): boolean {
  const hasLetGo = letGoOfProgram();
  return trim() || hasLetGo;
}

function trim(): boolean {
  try {
    return libc.malloc_trim(0) === 1;
  } catch {
    // musl has no such function, and gives back by itself.
    return false;
  }
}

/** The line that begins a mapping in /proc/PID/smaps (proc_pid_smaps(5)): from, to, rights, offset in the file, path. */
const MAPPING = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) ([0-9a-f]+) \S+ \S+ +(.+)$/;

/** Where the program itself is loaded, as far as no page differs from its file; read once, since that stays. */
let program: readonly { readonly from: number; readonly bytes: number }[] | undefined;

/**
 * Lets go of the pages of the program's own file. Much of Node is read for its start and for those of threads alone, and the kernel maps sixteen pages for each that is touched: of 60 MiB some 25
 * come back with work. Clean pages of a file stay in the page cache, so to touch one again is no reading.
 */
function letGoOfProgram(): boolean {
  program ??= programMappings();
  return program.map(({ from, bytes }) => libc.madvise(from, bytes, MADV_DONTNEED) === 0).includes(true);
}

/**
 * None on a system without /proc, or a kernel that does not tell. V8 maps a part of the file once more for each thread, amid the code that it makes there, and takes that away with the thread: those addresses may be another
 * thread's code by the next time, and must not be touched. The program itself stands where its file's offset says, counted from where it begins.
 */
function programMappings(): { readonly from: number; readonly bytes: number }[] {
  const found = [];
  try {
    const file = readlinkSync('/proc/self/exe');
    let mapping: { readonly from: number; readonly bytes: number } | undefined;
    let begin: number | undefined;
    for (const line of readFileSync('/proc/self/smaps', 'latin1').split('\n')) {
      const [, start, end, rights, offset, path] = MAPPING.exec(line) ?? [];
      if (start !== undefined && end !== undefined && offset !== undefined) {
        mapping = undefined;
        if (path !== file) continue;
        const from = Number.parseInt(start, 16);
        const fileBegin = from - Number.parseInt(offset, 16);
        begin ??= fileBegin;
        if (fileBegin === begin && rights?.includes('w') === false) mapping = { from, bytes: Number.parseInt(end, 16) - from };
      } else if (mapping !== undefined && /^Anonymous: +0 kB$/.test(line)) found.push(mapping);
    }
  } catch (error) {
    if (!(error instanceof Error && 'errno' in error)) throw error;
  }
  return found;
}
