import { type TestContext, test } from 'node:test';
import { nameFromText } from '../../src/base/names.ts';
import { linuxSystem } from '../../src/sys/linux/system.ts';
import { portableSystem } from '../../src/sys/portable/system.ts';
import { hasNative } from '../../src/sys/posix/libc.ts';
import type { Capabilities, Directory, System } from '../../src/sys/types.ts';
import { scratchFolder } from './scratch.ts';

/** What a test of the conformance suite gets: an implementation, and an empty directory of a real disk, open and as a path. */
export interface Bench {
  readonly system: System;
  readonly directory: Directory;
  readonly path: string;
  readonly context: TestContext;
}

/** Every implementation that can run on this platform. */
export const systems: readonly System[] = process.platform === 'linux' && hasNative() ? [linuxSystem, portableSystem] : [portableSystem];

/**
 * Runs one test on every implementation. One that declares to lack `needs` is left out: that is its right, so it is no skipped test.
 */
export function conformance(sentence: string, body: (bench: Bench) => void | Promise<void>, needs?: keyof Capabilities): void {
  for (const system of systems) {
    if (needs !== undefined && system.capabilities[needs] === false) continue;
    test(`${system.capabilities.implementation}: ${sentence}`, async (context) => {
      const path = scratchFolder(context);
      using directory = system.openDirectory(nameFromText(path));
      await body({ system, directory, path, context });
    });
  }
}
