import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { type ByteName, nameFromText } from '../../base/names.ts';
import type { Entry } from '../types.ts';
import { openPlace } from './place.ts';

const base = { mode: 0o644, owner: { uid: 0, gid: 0 }, mtime: { seconds: 0, nanoseconds: 0 } };
const folder: Entry = { ...base, name: '' as ByteName, kind: 'directory' };
const file: Entry = { ...base, name: nameFromText('its-name'), kind: 'file' };

test('a directory goes to the target itself, which is made with all above it', (context) => {
  const target = join(scratchFolder(context), 'a/b/c');
  const place = openPlace(folder, nameFromText(target), false);
  place.directory?.close();
  assert.equal(place.present, undefined);
  assert.ok(fs.statSync(target).isDirectory());
});

test('a file becomes the target, or stands under its own name in a target that is a directory', (context) => {
  const path = scratchFolder(context);
  fs.writeFileSync(join(path, 'old'), '');
  for (const [target, name, present] of [
    [join(path, 'new'), 'new', true],
    [path, 'its-name', true],
    [`${path}/`, 'its-name', true],
    [`${path}/made/`, 'its-name', false],
  ] as const) {
    const place = openPlace(file, nameFromText(target), false);
    place.directory?.close();
    assert.deepEqual([place.name, place.present?.has(nameFromText('old')) ?? false], [name, present]);
  }
});

test('a directory is not put in the place of a file, nor what has no name into a directory', (context) => {
  const path = scratchFolder(context);
  fs.writeFileSync(join(path, 'file'), 'precious');
  for (const dryRun of [false, true]) {
    assert.throws(() => openPlace(folder, nameFromText(join(path, 'file')), dryRun), { code: 'USAGE' });
    assert.throws(() => openPlace({ ...file, name: '' as ByteName }, nameFromText(path), dryRun), { code: 'USAGE' });
  }
  assert.equal(fs.readFileSync(join(path, 'file'), 'utf8'), 'precious');
});

test('a dry run makes nothing', (context) => {
  const path = scratchFolder(context);
  assert.equal(openPlace(folder, nameFromText(join(path, 'a/b')), true).directory, undefined);
  assert.deepEqual(fs.readdirSync(path), []);
});
