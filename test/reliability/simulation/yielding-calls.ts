import fs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';

/** Calls that change a store, or by which it is seen how others have changed it. */
const CALLS = [
  'openSync',
  'closeSync',
  'readSync',
  'writeSync',
  'writevSync',
  'writeFileSync',
  'readFileSync',
  'renameSync',
  'rmSync',
  'fsyncSync',
  'fdatasyncSync',
  'ftruncateSync',
  'readdirSync',
  'statSync',
  'existsSync',
  'mkdirSync',
] as const;

/**
 * From now on every such call in this thread that is about `folder`, or about an open file, is preceded by `beforeCall`. Waiting for a lock becomes asking again in
 * the next turn.
 */
export function yieldBeforeCalls(folder: string, beforeCall: () => void): void {
  const functions = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
  let depth = 0;
  for (const name of CALLS) {
    const original = functions[name] as (...args: unknown[]) => unknown;
    functions[name] = (...args) => {
      // Some are made of others.
      if (depth === 0 && (typeof args[0] === 'number' || String(args[0]).startsWith(folder))) beforeCall();
      depth++;
      try {
        return original.apply(fs, args);
      } finally {
        depth--;
      }
    };
  }
  const timers = createRequire(import.meta.url)('node:timers/promises') as {
    setTimeout: (delayMs: number, value?: unknown) => Promise<unknown>;
  };
  timers.setTimeout = async (_, value) => {
    beforeCall();
    return value;
  };
  syncBuiltinESMExports();
}
