import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  statfsSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { xfsImage } from '../../../test/support/disk-image.ts';
import { scratchFolder, skipUnless } from '../../../test/support/scratch.ts';
import { type ByteName, nameFromText } from '../../base/names.ts';
import { system } from '../../sys/system.ts';
import { actOnCopy, checkCopy } from './act-on-copy.ts';
import { OpenFile } from './open-file.ts';
import { takePlace } from './take-place.ts';

describe('a further copy', () => {
  it('becomes another name of the file that stays', async (context) => {
    const { kept, copy, folder } = pair(context);
    await actOnCopy('link', kept, copy);
    assert.equal(statSync(copy).ino, statSync(kept).ino);
    assert.equal(readFileSync(copy, 'utf8'), 'content');
    assert.deepEqual(readdirSync(folder).sort(), ['copy', 'kept']);
  });

  it('is left alone while a program has it open', async (context) => {
    const { kept, copy, folder } = pair(context);
    const fd = openSync(copy, 'r+');
    if (skipUnless(context, isSeenOpen(copy), 'nobody can say here whether a file is open')) return;
    await assert.rejects(actOnCopy('link', kept, copy), { code: 'IN_USE' });
    writeSync(fd, 'written');
    closeSync(fd);
    assert.deepEqual(readdirSync(folder).sort(), ['copy', 'kept']);
    assert.equal(readFileSync(copy, 'utf8'), 'written');
    writeFileSync(copy, 'content');
    await actOnCopy('link', kept, copy);
    assert.equal(statSync(copy).ino, statSync(kept).ino);
  });

  it('is left alone where a byte differs', async (context) => {
    const { kept, copy } = pair(context, { copy: 'Content' });
    checkCopy('link', kept, copy);
    for (const action of ['link', 'reflink', 'trash'] as const) await assert.rejects(actOnCopy(action, kept, copy), { code: 'NOT_ALIKE' });
    assert.equal(readFileSync(copy, 'utf8'), 'Content');
  });

  it('is left alone where only a late byte of a large file differs', async (context) => {
    const bytes = Buffer.alloc(3_000_000, 1);
    const other = Buffer.from(bytes);
    other[2_999_999] = 2;
    const { kept, copy } = pair(context, { kept: bytes, copy: other });
    await assert.rejects(actOnCopy('link', kept, copy), { code: 'NOT_ALIKE' });
  });

  it('is not linked to a file of another mode, owner or attribute, unless that is wanted', async (context) => {
    const { kept, copy } = pair(context);
    chmodSync(copy, 0o600);
    for (const attempt of [() => actOnCopy('link', kept, copy), async () => checkCopy('link', kept, copy)])
      await assert.rejects(attempt, { code: 'OTHER_METADATA', message: /has another mode than/ });
    chmodSync(copy, 0o644);
    setAttribute(copy, 'user.origin', 'here');
    await assert.rejects(actOnCopy('link', kept, copy), { code: 'OTHER_METADATA', message: /extended attribute/ });
    await actOnCopy('link', kept, copy, { ignoreMetadata: true });
    assert.equal(statSync(copy).ino, statSync(kept).ino);
  });

  it('is refused where nothing would be won: one file already, or further names', async (context) => {
    const { kept, copy, folder } = pair(context);
    linkSync(copy, join(folder, 'further'));
    await assert.rejects(actOnCopy('link', kept, copy), { code: 'HAS_LINKS' });
    await assert.rejects(actOnCopy('link', copy, join(folder, 'further') as ByteName), { code: 'SAME_FILE' });
  });

  it('is refused where it is no file', async (context) => {
    const { kept, folder } = pair(context);
    symlinkSync('kept', join(folder, 'symlink'));
    await assert.rejects(actOnCopy('link', kept, join(folder, 'symlink') as ByteName), { code: 'ELOOP' });
    await assert.rejects(actOnCopy('link', kept, folder), { code: 'NOT_A_FILE' });
    await assert.rejects(actOnCopy('link', kept, join(folder, 'missing') as ByteName), { code: 'ENOENT' });
  });

  it('is not linked across file systems', async (context) => {
    const { kept } = pair(context);
    const mount = xfsImage(context);
    if (mount === undefined) return;
    const copy = join(mount, 'copy') as ByteName;
    writeFileSync(copy, 'content');
    await assert.rejects(actOnCopy('link', kept, copy), { code: 'OTHER_FILE_SYSTEM' });
    await assert.rejects(actOnCopy('reflink', kept, copy), { code: 'NO_REFLINK' });
    assert.deepEqual(readdirSync(mount), ['copy']);
  });

  it('shares its blocks with the file that stays, and keeps its own metadata', async (context) => {
    const mount = xfsImage(context);
    if (mount === undefined) return;
    const bytes = Buffer.alloc(16 << 20, 7);
    const [kept, copy] = ['kept', 'copy'].map((name) => join(mount, name) as ByteName) as [ByteName, ByteName];
    for (const path of [kept, copy]) writeFileSync(path, bytes);
    chmodSync(copy, 0o640);
    setAttribute(copy, 'user.origin', 'here');
    utimesSync(copy, 1_000_000_000, 1_200_000_000.5);
    const before = freeBytes(mount);
    await actOnCopy('reflink', kept, copy);
    const { mode, mtimeMs, atimeMs, ino } = statSync(copy);
    assert.deepEqual([mode & 0o777, mtimeMs, atimeMs], [0o640, 1_200_000_000_500, 1_000_000_000_000]);
    assert.notEqual(ino, statSync(kept).ino);
    assert.equal(attribute(copy, 'user.origin'), 'here');
    assert.ok(readFileSync(copy).equals(bytes));
    assert.ok(freeBytes(mount) - before > 12 << 20, 'the blocks are there twice');
    writeFileSync(copy, 'other', { flag: 'r+' });
    assert.ok(readFileSync(kept).equals(bytes));
    assert.deepEqual(readdirSync(mount).sort(), ['copy', 'kept']);
  });

  it('stays what it is on a file system that may only be read', async (context) => {
    const mount = xfsImage(context);
    if (mount === undefined) return;
    const [kept, copy] = ['kept', 'copy'].map((name) => join(mount, name) as ByteName) as [ByteName, ByteName];
    for (const path of [kept, copy]) writeFileSync(path, 'content');
    execFileSync('mount', ['-o', 'remount,ro', mount]);
    for (const action of ['link', 'reflink', 'trash'] as const)
      await assert.rejects(actOnCopy(action, kept, copy), /read-only file system \(EROFS\)/, action);
    assert.notEqual(statSync(copy).ino, statSync(kept).ino);
  });

  it('stays what it is where blocks cannot be shared', async (context) => {
    const { kept, copy, folder } = pair(context);
    if (sharesBlocks(folder)) return void skipUnless(context, false, 'files can share blocks here');
    const { ino } = statSync(copy);
    await assert.rejects(actOnCopy('reflink', kept, copy), { code: 'NO_REFLINK' });
    assert.equal(statSync(copy).ino, ino);
    assert.deepEqual(readdirSync(folder).sort(), ['copy', 'kept']);
  });

  for (const changed of ['copy', 'kept'] as const) {
    it(`comes back when the ${changed} is changed in the very moment in which it is replaced`, (context) => {
      const paths = pair(context);
      using kept = new OpenFile(paths.kept);
      using copy = new OpenFile(paths.copy);
      const late = writingBeforeRename(copy, () => writeFileSync(paths[changed], 'written late'));
      assert.throws(() => takePlace(kept, late, (temporary) => copy.directory.link(kept.directory, kept.name, temporary)), {
        code: 'CHANGED_MEANWHILE',
      });
      assert.equal(readFileSync(paths[changed], 'utf8'), 'written late');
      assert.notEqual(statSync(paths.copy).ino, statSync(paths.kept).ino);
      assert.deepEqual(readdirSync(paths.folder).sort(), ['copy', 'kept']);
    });
  }
});

interface Pair {
  readonly folder: ByteName;
  readonly kept: ByteName;
  readonly copy: ByteName;
}

function pair(context: TestContext, { kept = 'content', copy = 'content' }: { kept?: string | Buffer; copy?: string | Buffer } = {}): Pair {
  const folder = nameFromText(scratchFolder(context));
  const paths = { folder, kept: join(folder, 'kept') as ByteName, copy: join(folder, 'copy') as ByteName };
  writeFileSync(paths.kept, kept);
  writeFileSync(paths.copy, copy);
  return paths;
}

/** The file, in a directory that lets somebody write between the last look and the first rename. */
function writingBeforeRename(file: OpenFile, write: () => void): OpenFile {
  let pending: (() => void) | undefined = write;
  const directory = Object.create(file.directory, {
    handle: { value: file.directory.handle },
    stat: { value: file.directory.stat.bind(file.directory) },
    remove: { value: file.directory.remove.bind(file.directory) },
    rename: {
      value: (name: ByteName, _: unknown, toName: ByteName, how: 'exchange') => {
        pending?.();
        pending = undefined;
        file.directory.rename(name, file.directory, toName, how);
      },
    },
  });
  return Object.create(file, { directory: { value: directory } });
}

function setAttribute(path: ByteName, name: string, value: string): void {
  using directory = system().openDirectory(join(path, '..') as ByteName);
  directory.setXattr(path.slice(path.lastIndexOf('/') + 1) as ByteName, name as ByteName, Buffer.from(value));
}

function attribute(path: ByteName, name: string): string | undefined {
  using file = new OpenFile(path);
  return system()
    .getFileXattr(file.fd, name as ByteName)
    ?.toString();
}

function freeBytes(mount: string): number {
  using directory = system().openDirectory(mount as ByteName);
  directory.syncFileSystem();
  const { bfree, bsize } = statfsSync(mount);
  return bfree * bsize;
}

function sharesBlocks(folder: ByteName): boolean {
  using directory = system().openDirectory(folder);
  const fds = ['a', 'b'].map((name) => directory.openFile(name as ByteName, 'createExclusive')) as [number, number];
  system().write(fds[0], Buffer.alloc(4096));
  const shares = system().cloneFile(...fds);
  for (const fd of fds) system().closeFile(fd);
  for (const name of ['a', 'b']) directory.remove(name as ByteName);
  return shares;
}

/** Whether the system tells of a file that is open already. */
function isSeenOpen(path: ByteName): boolean {
  using file = new OpenFile(path);
  return system().isOpenElsewhere(file.fd) === true;
}
