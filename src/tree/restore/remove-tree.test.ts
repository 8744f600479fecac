import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { nameFromText } from '../../base/names.ts';
import { system } from '../../sys/system.ts';
import type { Directory } from '../../sys/types.ts';
import { removeTree } from './remove-tree.ts';

/** A folder with `tree/in/side`, `tree/file` and a link to what is outside; open. */
function folder(context: TestContext): { path: string; directory: Directory } {
  const path = scratchFolder(context);
  fs.mkdirSync(join(path, 'tree/in'), { recursive: true });
  fs.mkdirSync(join(path, 'outside'));
  for (const file of ['tree/in/side', 'tree/file', 'outside/canary']) fs.writeFileSync(join(path, file), '');
  fs.symlinkSync('../outside', join(path, 'tree/link'));
  const directory = system().openDirectory(nameFromText(path));
  context.after(() => directory.close());
  return { path, directory };
}

const tree = nameFromText('tree');

test('removeTree removes all that is below, counts it, and follows no link', (context) => {
  const { path, directory } = folder(context);
  assert.equal(removeTree(directory, tree, { dryRun: true }), 5);
  assert.deepEqual(fs.readdirSync(path).sort(), ['outside', 'tree']);
  assert.equal(removeTree(directory, tree, { dryRun: false }), 5);
  assert.deepEqual(fs.readdirSync(path, { recursive: true }).sort(), ['outside', 'outside/canary']);
});

test('removeTree keeps what is spared, and the directories above it', (context) => {
  const { path, directory } = folder(context);
  const spares = (each: string) => each === 'in/side';
  for (const dryRun of [true, false]) assert.equal(removeTree(directory, tree, { dryRun, spares }), 2);
  assert.deepEqual(fs.readdirSync(join(path, 'tree'), { recursive: true }).sort(), ['in', 'in/side']);
});

test('removeTree of what is not there removes nothing', (context) => {
  const { directory } = folder(context);
  assert.equal(removeTree(directory, nameFromText('missing'), { dryRun: false }), 0);
});

test('removeTree stops when a directory is moved to elsewhere while it is far below', (context) => {
  const { path, directory } = folder(context);
  // Deeper than directories are held open, so that the way back leads through `..`.
  const deep = Array(200).fill('d').join('/');
  fs.mkdirSync(join(path, 'tree', deep), { recursive: true });
  fs.mkdirSync(join(path, 'outside', 'd'));
  let moved = false;
  const spares = (each: string) => {
    if (each === deep && !moved) {
      moved = true;
      fs.renameSync(join(path, 'tree', Array(72).fill('d').join('/')), join(path, 'outside', 'moved'));
    }
    return false;
  };
  assert.throws(() => removeTree(directory, tree, { dryRun: false, spares }), { code: 'MOVED' });
  assert.ok(fs.existsSync(join(path, 'outside/canary')));
  assert.ok(fs.existsSync(join(path, 'outside/d')));
});
