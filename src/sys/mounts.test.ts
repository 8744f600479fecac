import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder, skipUnless } from '../../test/support/scratch.ts';
import { nameFromText } from '../base/names.ts';
import { readMounts, tellsOfChanges } from './mounts.ts';

test('what is mounted is listed with its type, whatever its name', (context) => {
  if (skipUnless(context, process.platform === 'linux' && process.getuid?.() === 0, 'mounting needs root and Linux')) return;
  const folder = join(scratchFolder(context), 'a b\\c');
  mkdirSync(folder);
  execFileSync('mount', ['-t', 'tmpfs', 'none', folder]);
  const mounts = readMounts();
  execFileSync('umount', [folder]);
  assert.equal(mounts?.find(({ path }) => path === nameFromText(folder))?.type, 'tmpfs');
});

test('of what is served by others, the kernel does not tell', () => {
  assert.ok(tellsOfChanges('ext4'));
  for (const type of ['nfs4', 'cifs', 'fuse.sshfs', '9p']) assert.ok(!tellsOfChanges(type));
});
