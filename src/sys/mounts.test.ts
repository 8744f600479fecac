import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder, skipUnless } from '../../test/support/scratch.ts';
import { nameFromText } from '../base/names.ts';
import { readMounts, tellsOfChanges } from './mounts.ts';

test('mounts are read with their paths as they are', (context) => {
  const file = join(scratchFolder(context), 'mountinfo');
  writeFileSync(
    file,
    '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard\n' +
      '31 27 0:45 /a\\040b /mnt/my\\040disk\\134 ro,nosuid shared:3 master:1 - fuse.sshfs ann@host:/a ro\n' +
      'nonsense\n',
  );
  assert.deepEqual(readMounts(file), [
    { id: 27, device: '254:0', top: '/', path: '/', type: 'ext4', source: '/dev/vda', isReadOnly: false },
    { id: 31, device: '0:45', top: '/a b', path: '/mnt/my disk\\', type: 'fuse.sshfs', source: 'ann@host:/a', isReadOnly: true },
  ]);
});

test('a machine without such a table does not tell of any', (context) => {
  assert.equal(readMounts(join(scratchFolder(context), 'mountinfo')), undefined);
});

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
