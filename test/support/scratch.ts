import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A new empty folder on a real disk, removed after the test. */
export function scratchFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'varve-test-'));
  context.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/**
 * Skips a test that this machine cannot run, and says why. Under `CI=true` it fails instead: there, nothing may be skipped.
 * Returns whether the test is to end.
 */
export function skipUnless(context: TestContext, able: boolean, reason: string): boolean {
  if (able) return false;
  if (process.env.CI === 'true') throw new Error(`cannot be skipped in CI: ${reason}`);
  context.skip(reason);
  return true;
}
