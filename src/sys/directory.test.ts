import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { skipUnless } from '../../test/support/scratch.ts';
import { conformance } from '../../test/support/systems.ts';
import { SystemError } from '../base/errors.ts';
import { type ByteName, nameFromBytes, nameFromText, nameToBytes } from '../base/names.ts';
import { kindOfType, Stat } from './stat.ts';

const name = nameFromText;
const isRoot = process.getuid?.() === 0;
/** macOS has names of Unicode only, and so has Windows. */
const namesAreBytes = process.platform === 'linux';

conformance('entries are listed with their kinds and without . and ..', ({ directory, path }) => {
  writeFileSync(join(path, 'file'), '');
  mkdirSync(join(path, 'folder'));
  symlinkSync('nowhere', join(path, 'link'));
  const { names, types } = directory.entries();
  const kinds = names.map((each, index) => `${each}: ${kindOfType(types[index] as number)}`);
  assert.deepEqual(kinds.sort(), ['file: file', 'folder: directory', 'link: symlink']);
});

conformance('files are opened one after another, each with its stat, and directories are named', ({ system, directory, path }) => {
  writeFileSync(join(path, 'first'), 'one');
  writeFileSync(join(path, 'second'), 'another');
  mkdirSync(join(path, 'folder'));
  symlinkSync('first', join(path, 'link'));
  const seen: string[] = [];
  const directories = directory.openFiles((fd, { size }, names, from, to) => {
    const bytes = Buffer.alloc(size);
    system.read(fd, bytes);
    seen.push(`${Buffer.from(names.subarray(from, to))}: ${bytes}`);
    return false;
  }, assert.fail);
  assert.deepEqual([seen.sort(), directories], [['first: one', 'second: another'], ['folder']]);
});

conformance('a file whose reader fails is told, and the others are read', ({ directory, path }) => {
  for (const each of ['a', 'b', 'c']) writeFileSync(join(path, each), each);
  const failed: string[] = [];
  let visits = 0;
  directory.openFiles(
    () => {
      if (++visits === 2) throw new SystemError('EIO', 'read', 'here');
      return false;
    },
    (each, { errno }) => failed.push(`${each} ${errno}`),
  );
  assert.deepEqual([visits, failed.length], [3, 1]);
  assert.match(failed[0] as string, /^[abc] EIO$/);
});

conformance('a file that its reader takes over stays open', ({ system, directory, path }) => {
  for (const each of ['a', 'b']) writeFileSync(join(path, each), each);
  const taken: number[] = [];
  directory.openFiles((fd) => {
    taken.push(fd);
    return true;
  }, assert.fail);
  const read = taken.map((fd) => {
    const bytes = Buffer.alloc(1);
    system.read(fd, bytes);
    system.closeFile(fd);
    return bytes.toString();
  });
  assert.deepEqual(read.sort(), ['a', 'b']);
});

conformance('a listing starts anew each time', ({ directory, path }) => {
  assert.deepEqual(directory.entries().names, []);
  writeFileSync(join(path, 'late'), '');
  assert.deepEqual(directory.entries().names, ['late']);
  assert.deepEqual(directory.entries().names, ['late']);
});

conformance('a directory of 10000 entries is listed whole', ({ system, directory }) => {
  const expected: string[] = [];
  for (let index = 0; index < 10_000; index++) {
    expected.push(`entry-${index}`.padEnd(40, 'x'));
    system.closeFile(directory.openFile(name(expected.at(-1) as string), 'createExclusive'));
  }
  const { names, types } = directory.entries();
  assert.deepEqual(names.sort(), expected.sort());
  assert.ok(types.every((type) => type === 8));
});

if (namesAreBytes) {
  conformance('names of any bytes come back as they were given', ({ system, directory }) => {
    const names = ['\xff\xfe', 'line\nbreak', '-rf', '~', ' ', 'x'.repeat(255), '\\', '\x01'] as ByteName[];
    for (const each of names) system.closeFile(directory.openFile(each, 'createExclusive'));
    assert.deepEqual(directory.entries().names.sort(), names.sort());
    for (const each of names) directory.remove(each);
    assert.deepEqual(directory.entries().names, []);
  });
}

if (namesAreBytes) {
  conformance('any sequence of 1 to 255 bytes without slash and NUL is a name', ({ system, directory }) => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 255 }).filter((value) => !value.includes(0) && !value.includes(0x2f));
    fc.assert(
      fc.property(bytes, (value) => {
        const each = nameFromBytes(value);
        if (each === '.' || each === '..') return;
        system.closeFile(directory.openFile(each, 'createExclusive'));
        assert.deepEqual(directory.entries().names, [each]);
        assert.deepEqual(nameToBytes(directory.entries().names[0] as ByteName), Buffer.from(value));
        directory.remove(each);
      }),
      { numRuns: 50 },
    );
  });
}

for (const [bad, why] of [
  ['..', 'EINVAL'],
  ['', 'EINVAL'],
  ['a/b', 'EINVAL'],
  ['/etc', 'EINVAL'],
  ['a\0b', 'EINVAL'],
  ['\u012f', 'EINVAL'],
  ['x'.repeat(256), 'ENAMETOOLONG'],
] as [ByteName, string][]) {
  conformance(`no call takes the name ${JSON.stringify(bad.slice(0, 10))}`, ({ system, directory }) => {
    const time = { seconds: 0, nanoseconds: 0 };
    const good = name('good');
    system.closeFile(directory.openFile(good, 'createExclusive'));
    const calls: (() => unknown)[] = [
      () => directory.openDirectory(bad),
      () => directory.openFile(bad, 'createExclusive'),
      () => directory.openFile(bad, 'read'),
      () => directory.stat(bad, new Stat()),
      () => directory.readLink(bad),
      () => directory.makeDirectory(bad),
      () => directory.symlink(good, bad),
      () => directory.link(directory, bad, name('other')),
      () => directory.link(directory, good, bad),
      () => directory.remove(bad),
      () => directory.removeDirectory(bad),
      () => directory.rename(bad, directory, name('other')),
      () => directory.rename(good, directory, bad),
      () => directory.setTimes(bad, time),
      () => directory.setMode(bad, 0o700),
      () => directory.setOwner(bad, 0, 0),
      ...(system.capabilities.specialFiles ? [() => directory.makeNode(bad, 'fifo', 0o600)] : []),
      ...(system.capabilities.xattrs
        ? [() => directory.listXattrs(bad), () => directory.setXattr(bad, name('user.a'), Buffer.alloc(1))]
        : []),
    ];
    for (const call of calls) assert.throws(call, { code: why }, call.toString());
    assert.deepEqual(directory.entries().names, ['good']);
  });
}

conformance('a symbolic link is opened neither as a directory nor as a file', ({ directory, path }) => {
  mkdirSync(join(path, 'folder'));
  writeFileSync(join(path, 'file'), 'secret');
  symlinkSync('folder', join(path, 'to-folder'));
  symlinkSync('file', join(path, 'to-file'));
  assert.throws(() => directory.openDirectory(name('to-folder')), /ENOTDIR|ELOOP/);
  assert.throws(() => directory.openFile(name('to-file'), 'read'), { code: 'ELOOP' });
  assert.throws(() => directory.openFile(name('to-file'), 'write'), { code: 'ELOOP' });
});

conformance('createExclusive refuses a dangling symbolic link and leaves its target alone', ({ directory, path }) => {
  symlinkSync('target', join(path, 'link'));
  assert.throws(() => directory.openFile(name('link'), 'createExclusive'), { code: 'EEXIST' });
  assert.equal(existsSync(join(path, 'target')), false);
});

conformance('resolve walks down and refuses every way out', ({ directory, path }) => {
  mkdirSync(join(path, 'a/b/c'), { recursive: true });
  writeFileSync(join(path, 'a/b/c/found'), '');
  symlinkSync('/', join(path, 'a/out'));
  using deep = directory.resolve(name('a//b/./c/'));
  assert.deepEqual(deep.entries().names, ['found']);
  using same = directory.resolve(name('.'));
  assert.deepEqual(same.entries().names, ['a']);
  assert.throws(() => directory.resolve(name('a/out/etc')), /ELOOP|ENOTDIR/);
  assert.throws(() => directory.resolve(name('a/../a')), { code: 'EXDEV' });
  assert.throws(() => directory.resolve(name('/etc')), { code: 'EXDEV' });
  assert.throws(() => directory.resolve(name('a/none')), { code: 'ENOENT' });
});

conformance(
  'a tree deeper than PATH_MAX is walked down and up again',
  ({ directory, path }) => {
    const step = name('d'.repeat(200));
    let current = directory.resolve(name('.'));
    for (let level = 0; level < 100; level++) {
      current.makeDirectory(step);
      const next = current.openDirectory(step);
      current.close();
      current = next;
    }
    current.symlink(name('end'), name('bottom'));
    using whole = directory.resolve(name(Array(100).fill(step).join('/')));
    assert.equal(whole.readLink(name('bottom')), 'end');
    assert.throws(() => whole.openFile(name('missing'), 'read'), { code: 'ENOENT' });
    current.remove(name('bottom'));
    for (let level = 0; level < 100; level++) {
      const parent = current.openParent();
      parent.removeDirectory(step);
      current.close();
      current = parent;
    }
    current.close();
    assert.equal(existsSync(join(path, step)), false);
  },
  'beneath',
);

conformance(
  'an open directory is followed when it is moved',
  ({ directory, path }) => {
    mkdirSync(join(path, 'old'));
    using held = directory.openDirectory(name('old'));
    renameSync(join(path, 'old'), join(path, 'new'));
    symlinkSync('/etc', join(path, 'old'));
    held.symlink(name('x'), name('made'));
    assert.equal(readlinkSync(join(path, 'new/made')), 'x');
  },
  'beneath',
);

conformance('a handle opens the same directory in another thread', async ({ directory, system, path }) => {
  writeFileSync(join(path, 'seen'), '');
  const source = `
    const { workerData, parentPort } = require('node:worker_threads');
    import(workerData.module).then(({ system }) => parentPort.postMessage(system().directoryFromHandle(workerData.handle).entries().names));`;
  const worker = new Worker(source, {
    eval: true,
    env: { ...process.env, VARVE_SYS: system.capabilities.implementation },
    workerData: { module: new URL('./system.ts', import.meta.url).href, handle: directory.handle },
  });
  const names = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await worker.terminate();
  assert.deepEqual(names, ['seen']);
});

conformance('closing a borrowed handle leaves its owner open', ({ system, directory }) => {
  system.directoryFromHandle(directory.handle).close();
  assert.deepEqual(directory.entries().names, []);
});

conformance('a missing entry has no stat; other errors name call and path', ({ directory, path }) => {
  writeFileSync(join(path, 'file'), '');
  assert.equal(directory.stat(name('none'), new Stat()), false);
  assert.throws(() => directory.openFile(name('none'), 'read'), {
    name: 'SystemError',
    code: 'ENOENT',
    message: /open.*\/none: no such file/,
  });
  assert.throws(() => directory.openDirectory(name('file')), { code: 'ENOTDIR' });
  assert.throws(() => directory.remove(name('none')), { code: 'ENOENT' });
});

conformance('symbolic links keep their targets to the byte', ({ directory, path }) => {
  directory.symlink(name('../ä/nowhere'), name('link'));
  assert.equal(directory.readLink(name('link')), name('../ä/nowhere'));
  assert.equal(readlinkSync(join(path, 'link')), '../ä/nowhere');
  assert.throws(() => directory.symlink('a\0b' as ByteName, name('other')), { code: 'EINVAL' });
});

conformance('a hard link is another name of the same file', ({ system, directory }) => {
  directory.makeDirectory(name('sub'), 0o755);
  using sub = directory.openDirectory(name('sub'));
  system.closeFile(directory.openFile(name('first'), 'createExclusive'));
  sub.link(directory, name('first'), name('second'));
  const [first, second] = [new Stat(), new Stat()];
  directory.stat(name('first'), first);
  sub.stat(name('second'), second);
  assert.ok(first.sameFile(second));
  assert.equal(second.nlink, 2);
});

conformance(
  'FIFOs and sockets are made with their mode',
  ({ directory, path }) => {
    directory.makeNode(name('fifo'), 'fifo', 0o600);
    directory.makeNode(name('socket'), 'socket', 0o600);
    assert.ok(lstatSync(join(path, 'fifo')).isFIFO());
    assert.ok(lstatSync(join(path, 'socket')).isSocket());
    assert.equal(lstatSync(join(path, 'fifo')).mode & 0o777, 0o600);
  },
  'specialFiles',
);

conformance(
  'opening a FIFO for reading does not wait',
  ({ system, directory }) => {
    directory.makeNode(name('fifo'), 'fifo', 0o600);
    const fd = directory.openFile(name('fifo'), 'read');
    const stat = new Stat();
    system.statFile(fd, stat);
    system.closeFile(fd);
    assert.equal(stat.kind, 'fifo');
  },
  'specialFiles',
);

conformance(
  'devices are made with all bits of their numbers',
  ({ directory, context }) => {
    if (skipUnless(context, isRoot, 'only root makes devices')) return;
    const stat = new Stat();
    directory.makeNode(name('null'), 'character', 0o600, { major: 1, minor: 3 });
    directory.makeNode(name('large'), 'block', 0o600, { major: 0xabc, minor: 0xfedcb });
    directory.stat(name('null'), stat);
    assert.deepEqual([stat.kind, stat.deviceMajor, stat.deviceMinor], ['character', 1, 3]);
    directory.stat(name('large'), stat);
    assert.deepEqual([stat.kind, stat.deviceMajor, stat.deviceMinor], ['block', 0xabc, 0xfedcb]);
    assert.throws(() => directory.makeNode(name('huge'), 'block', 0o600, { major: 0x1000, minor: 0 }), { code: 'EINVAL' });
  },
  'specialFiles',
);

conformance('rename replaces, also into another directory', ({ directory, path }) => {
  mkdirSync(join(path, 'sub'));
  writeFileSync(join(path, 'a'), 'a');
  writeFileSync(join(path, 'sub/b'), 'b');
  using sub = directory.openDirectory(name('sub'));
  directory.rename(name('a'), sub, name('b'));
  assert.equal(readFileSync(join(path, 'sub/b'), 'utf8'), 'a');
  assert.equal(existsSync(join(path, 'a')), false);
});

conformance('rename without replacing refuses a taken name', ({ directory, path }) => {
  writeFileSync(join(path, 'a'), 'a');
  writeFileSync(join(path, 'b'), 'b');
  assert.throws(() => directory.rename(name('a'), directory, name('b'), 'noReplace'), { code: 'EEXIST' });
  assert.equal(readFileSync(join(path, 'b'), 'utf8'), 'b');
  directory.rename(name('a'), directory, name('c'), 'noReplace');
  assert.equal(readFileSync(join(path, 'c'), 'utf8'), 'a');
});

conformance(
  'rename exchanges two entries of any kinds',
  ({ directory, path }) => {
    writeFileSync(join(path, 'a'), 'a');
    mkdirSync(join(path, 'b'));
    directory.rename(name('a'), directory, name('b'), 'exchange');
    assert.ok(lstatSync(join(path, 'a')).isDirectory());
    assert.equal(readFileSync(join(path, 'b'), 'utf8'), 'a');
  },
  'renameModes',
);

conformance('a directory is removed as one, and only when empty', ({ directory, path }) => {
  mkdirSync(join(path, 'full/inner'), { recursive: true });
  assert.throws(() => directory.removeDirectory(name('full')), /ENOTEMPTY|EEXIST/);
  assert.throws(() => directory.remove(name('full')), /EISDIR|EPERM/);
  using full = directory.openDirectory(name('full'));
  full.removeDirectory(name('inner'));
  directory.removeDirectory(name('full'));
  assert.deepEqual(directory.entries().names, []);
});

conformance('the names of a directory can be synced', ({ directory }) => {
  directory.sync();
});

conformance(
  'a whole file system can be synced',
  ({ directory }) => {
    directory.syncFileSystem();
  },
  'syncFileSystem',
);

conformance('closing twice is closing once', ({ system, directory }) => {
  const again = system.openDirectory(name('/'));
  again.close();
  const reused = directory.resolve(name('.'));
  again.close();
  assert.deepEqual(reused.entries().names, []);
  reused.close();
});

test('a type that no file has is no kind', () => {
  assert.equal(kindOfType(0), undefined);
  assert.equal(kindOfType(14), undefined);
});
