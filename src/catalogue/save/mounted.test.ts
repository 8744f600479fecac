import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { savingCatalogue } from '../../../test/support/saving-catalogue.ts';
import { skipUnless } from '../../../test/support/scratch.ts';
import { type ByteName, nameFromText } from '../../base/names.ts';
import type { Mount } from '../../sys/mounts.ts';
import { mountsIn } from './mounted.ts';
import { doubtOfUnwatched } from './watched-source.ts';

const nothing = () => false;
const mount = (path: string, type = 'ext4'): Mount => ({
  id: 1,
  device: '0:1',
  top: '/' as ByteName,
  path: nameFromText(path),
  type,
  source: '' as ByteName,
  isReadOnly: false,
});
const names = (...texts: string[]): ByteName[] => texts.map(nameFromText);

test('what is mounted in a source leaves a doubt, unless it is left out', () => {
  const mounts = [mount('/'), mount('/home'), mount('/home/ann/disk'), mount('/home/annabel')];
  const isLeftOut = (path: ByteName) => path === 'disk';
  assert.deepEqual(mountsIn(nameFromText('/home/ann'), mounts, { oneFileSystem: false, isLeftOut }), []);
  assert.deepEqual(mountsIn(nameFromText('/home/ann'), mounts, { oneFileSystem: false, isLeftOut: nothing }), {
    doubt: 'something is mounted in it, at /home/ann/disk',
  });
});

test('a file system that others change leaves a doubt, and one that nobody can name', () => {
  const options = { oneFileSystem: false, isLeftOut: nothing };
  assert.deepEqual(mountsIn(nameFromText('/srv/x'), [mount('/'), mount('/srv', 'nfs4')], options), {
    doubt: 'the kernel is not told of every change on nfs4',
  });
  assert.deepEqual(mountsIn(nameFromText('/srv/x'), [mount('/'), mount('/srv', 'nfs4'), mount('/srv')], options), []);
  assert.deepEqual(mountsIn(nameFromText('/srv/x'), undefined, options), { doubt: 'this system does not tell what is mounted in it' });
});

test('a folder that is not watched leaves a doubt around it and in it, unless it is left out', () => {
  const unwatched = names('/home/ann/.varve');
  const source = nameFromText('/home/ann');
  assert.deepEqual(doubtOfUnwatched(source, unwatched, nothing), { doubt: '/home/ann/.varve lies in it, and is not watched' });
  assert.equal(
    doubtOfUnwatched(source, unwatched, (path) => path === '.varve'),
    undefined,
  );
  assert.deepEqual(doubtOfUnwatched(nameFromText('/home/ann/.varve/store'), unwatched, nothing), {
    doubt: '/home/ann/.varve is not watched',
  });
  assert.equal(doubtOfUnwatched(nameFromText('/home/ann/.varves'), unwatched, nothing), undefined);
});

test('what is mounted and unmounted meanwhile is saved as by a full save', async (context) => {
  if (skipUnless(context, process.platform === 'linux' && process.getuid?.() === 0, 'mounting needs root and Linux')) return;
  const saving = await savingCatalogue(context);
  const { root } = saving.catalogue;
  const point = join(root, 'point');
  mkdirSync(point);
  await saving.fill({ 'point/below': 'covered', other: 'other' });
  for (const options of [{}, { oneFileSystem: true }]) {
    const agrees = async () => {
      const report = await saving.save(options);
      assert.equal(report.tree, await saving.fullTree(options));
      return report;
    };
    await agrees();
    execFileSync('mount', ['-t', 'tmpfs', 'none', point]);
    try {
      writeFileSync(join(point, 'above'), 'in the mount');
      assert.match((await agrees()).doubt ?? '', /mounted/);
      assert.equal((await agrees()).doubt === undefined, options.oneFileSystem === true);
    } finally {
      execFileSync('umount', [point]);
    }
    await agrees();
    assert.equal((await agrees()).doubt, undefined);
  }
});
