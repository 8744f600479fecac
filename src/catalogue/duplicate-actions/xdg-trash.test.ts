import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { xfsImage } from '../../../test/support/disk-image.ts';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { type ByteName, nameFromText } from '../../base/names.ts';
import { OpenFile } from './open-file.ts';
import { moveToTrash } from './xdg-trash.ts';

const NOON = new Date(2026, 2, 1, 12, 0, 5);
const uid = process.getuid?.() ?? 0;

describe('the trash', { skip: process.platform !== 'linux' }, () => {
  it('takes a file with where it was and when it went', (context) => {
    const folder = scratchFolder(context);
    const path = nameFromText(join(folder, 'a ü%\n.txt'));
    writeFileSync(Buffer.from(path, 'latin1'), 'content');
    const trashed = trash(path, folder);
    assert.equal(trashed, nameFromText(join(folder, 'Trash/files/a ü%\n.txt')));
    assert.equal(readFileSync(Buffer.from(trashed, 'latin1'), 'utf8'), 'content');
    assert.equal(existsSync(Buffer.from(path, 'latin1')), false);
    assert.equal(
      readFileSync(join(folder, 'Trash/info/a ü%\n.txt.trashinfo'), 'utf8'),
      `[Trash Info]\nPath=${folder}/a%20%C3%BC%25%0A.txt\nDeletionDate=2026-03-01T12:00:05\n`,
    );
    assert.equal(statSync(join(folder, 'Trash')).mode & 0o777, 0o700);
  });

  it('gives another name where one is taken, be it by a file without information', (context) => {
    const folder = scratchFolder(context);
    for (const content of ['one', 'two']) {
      writeFileSync(join(folder, 'file'), content);
      trash(nameFromText(join(folder, 'file')), folder);
    }
    writeFileSync(join(folder, 'Trash/files/file.3'), 'left behind');
    writeFileSync(join(folder, 'file'), 'three');
    trash(nameFromText(join(folder, 'file')), folder);
    assert.deepEqual(
      readdirSync(join(folder, 'Trash/files')).map((name) => [name, readFileSync(join(folder, 'Trash/files', name), 'utf8')]),
      [
        ['file', 'one'],
        ['file.2', 'two'],
        ['file.3', 'left behind'],
        ['file.4', 'three'],
      ],
    );
    assert.deepEqual(readdirSync(join(folder, 'Trash/info')), ['file.trashinfo', 'file.2.trashinfo', 'file.4.trashinfo'].sort());
  });

  it('takes a name of 255 bytes', (context) => {
    const folder = scratchFolder(context);
    const path = nameFromText(join(folder, 'x'.repeat(255)));
    writeFileSync(path, 'content');
    assert.ok(existsSync(trash(path, folder)));
  });

  it('is at the top of a file system that the user has none on, with paths from there', (context) => {
    const folder = scratchFolder(context);
    const mount = xfsImage(context);
    if (mount === undefined) return;
    mkdirSync(join(mount, 'deep/er'), { recursive: true });
    writeFileSync(join(mount, 'deep/er/file'), 'content');
    assert.equal(trash(nameFromText(join(mount, 'deep/er/file')), folder), join(mount, `.Trash-${uid}/files/file`));
    assert.match(readFileSync(join(mount, `.Trash-${uid}/info/file.trashinfo`), 'utf8'), /^Path=deep\/er\/file$/m);
    // One for all users counts only when nobody can take away what is another's.
    mkdirSync(join(mount, '.Trash'));
    writeFileSync(join(mount, 'file'), 'content');
    assert.equal(trash(nameFromText(join(mount, 'file')), folder), join(mount, `.Trash-${uid}/files/file.2`));
    chmodSync(join(mount, '.Trash'), 0o1777);
    writeFileSync(join(mount, 'file'), 'content');
    assert.equal(trash(nameFromText(join(mount, 'file')), folder), join(mount, `.Trash/${uid}/files/file`));
  });

  it('leaves a file where it is that was changed since it was looked at', (context) => {
    const folder = scratchFolder(context);
    const path = nameFromText(join(folder, 'file'));
    writeFileSync(path, 'content');
    using file = new OpenFile(path);
    writeFileSync(path, 'other');
    assert.throws(() => moveToTrash(file, () => {}, { XDG_DATA_HOME: folder }, NOON), { code: 'CHANGED_MEANWHILE' });
    assert.equal(readFileSync(path, 'utf8'), 'other');
    assert.deepEqual([...readdirSync(join(folder, 'Trash/files')), ...readdirSync(join(folder, 'Trash/info'))], []);
  });
});

function trash(path: ByteName, dataHome: string): ByteName {
  using file = new OpenFile(path);
  return moveToTrash(file, () => {}, { XDG_DATA_HOME: dataHome }, NOON);
}
