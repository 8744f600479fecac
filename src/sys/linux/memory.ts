import { libc } from '../posix/libc.ts';

export function giveMemoryBack(): boolean {
  try {
    return libc.malloc_trim(0) === 1;
  } catch {
    // musl has no such function, and gives back by itself.
    return false;
  }
}
