import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { mock, test } from 'node:test';
import { SystemError } from '../../src/base/errors.ts';
import { nameFromText } from '../../src/base/names.ts';
import { Stat } from '../../src/sys/stat.ts';
import { system } from '../../src/sys/system.ts';
import type { Directory } from '../../src/sys/types.ts';
import { shownErrors, Workbench } from './workbench.ts';

/** Does something while listing that folder fails, as it does when the disk breaks once the folder was opened. */
async function whileUnlistable<T>(folder: string, errno: string, action: () => Promise<T>): Promise<T> {
  using any = system().openDirectory(nameFromText(folder));
  const { ino } = fs.statSync(folder, { bigint: true });
  const stat = new Stat();
  const { entries } = any;
  const failing = mock.method(Object.getPrototypeOf(any) as Directory, 'entries', function (this: Directory) {
    if (this.stat(nameFromText('.'), stat) && stat.ino === ino) throw new SystemError(errno, 'getdents64', folder);
    return entries.call(this);
  });
  try {
    return await action();
  } finally {
    failing.mock.restore();
  }
}

async function restoredNames(bench: Workbench, tree: string): Promise<string[]> {
  const target = bench.target();
  await bench.restore(tree, target);
  return (fs.readdirSync(target, { recursive: true }) as string[]).sort();
}

test('a folder that cannot be listed is reported and left out, not saved as an empty one', async (context) => {
  const bench = new Workbench(context);
  bench.fill({ 'a/file': 'content', 'b/file': 'content', 'b/in/file': 'content', 'c/file': 'content' });
  await bench.save({ cached: true });
  const report = await whileUnlistable(join(bench.source, 'b'), 'EIO', () => bench.save({ cached: true }));
  assert.deepEqual(shownErrors(report), ['b: EIO']);
  assert.deepEqual(await restoredNames(bench, report.tree), ['a', 'a/file', 'c', 'c/file']);
});

test('a folder that vanishes while it is listed is left out, and is no error', async (context) => {
  const bench = new Workbench(context);
  bench.fill({ 'a/file': 'content', 'b/file': 'content' });
  const report = await whileUnlistable(join(bench.source, 'b'), 'ENOENT', () => bench.save());
  assert.deepEqual(shownErrors(report), []);
  assert.deepEqual(await restoredNames(bench, report.tree), ['a', 'a/file']);
});

test('a source that cannot be listed is not saved at all', async (context) => {
  const bench = new Workbench(context);
  bench.fill({ 'a/file': 'content' });
  await whileUnlistable(bench.source, 'EIO', () => assert.rejects(bench.save(), { code: 'EIO' }));
  assert.deepEqual(await bench.store.archives(), []);
});
