import assert from 'node:assert/strict';
import { chmodSync, lstatSync, mkdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { skipUnless } from '../../test/support/scratch.ts';
import { conformance } from '../../test/support/systems.ts';
import { type ByteName, nameFromBytes, nameFromText } from '../base/names.ts';
import { SIGNATURE_BYTES, Stat } from './stat.ts';
import type { System, Time } from './types.ts';

const name = nameFromText;
const isRoot = process.getuid?.() === 0;

/** Whether the difference is within what the implementation says it can do. */
function assertTime(system: System, actual: Time, expected: Time): void {
  if (system.capabilities.exactTimes) {
    assert.deepEqual(actual, expected);
  } else {
    const difference = actual.seconds - expected.seconds + (actual.nanoseconds - expected.nanoseconds) / 1e9;
    assert.ok(Math.abs(difference) < 2e-6, `${difference} s off`);
  }
}

const times: Record<string, Time> = {
  'before 1970': { seconds: -86_401, nanoseconds: 999_999_999 },
  'after 2038': { seconds: 4_102_444_800, nanoseconds: 123_456_789 },
  now: { seconds: 1_795_000_000, nanoseconds: 1 },
};
for (const [when, time] of Object.entries(times)) {
  conformance(`a time ${when} is set on files, directories and symbolic links`, ({ system, directory, path }) => {
    writeFileSync(join(path, 'file'), '');
    mkdirSync(join(path, 'folder'));
    symlinkSync('file', join(path, 'link'));
    const stat = new Stat();
    for (const each of ['file', 'folder', 'link']) {
      directory.setTimes(name(each), time);
      assert.ok(directory.stat(name(each), stat));
      assertTime(system, stat.mtime, time);
    }
  });
}

conformance('setting a link’s time leaves its target alone', ({ directory, path }) => {
  writeFileSync(join(path, 'file'), '');
  symlinkSync('file', join(path, 'link'));
  const before = statSync(join(path, 'file')).mtimeMs;
  directory.setTimes(name('link'), { seconds: 1, nanoseconds: 0 });
  assert.equal(statSync(join(path, 'file')).mtimeMs, before);
});

conformance('access time is set when given and kept when not', ({ system, directory, path }) => {
  writeFileSync(join(path, 'file'), '');
  utimesSync(join(path, 'file'), 1000, 2000);
  const stat = new Stat();
  directory.setTimes(name('file'), { seconds: 3000, nanoseconds: 0 });
  directory.stat(name('file'), stat);
  assert.deepEqual([stat.atime.seconds, stat.mtimeSeconds], [1000, 3000]);
  const fd = directory.openFile(name('file'), 'readWrite');
  system.setFileTimes(fd, { seconds: 4000, nanoseconds: 0 }, { seconds: 5000, nanoseconds: 0 });
  system.statFile(fd, stat);
  assert.deepEqual([stat.atime.seconds, stat.mtimeSeconds], [5000, 4000]);
  system.setFileTimes(fd, { seconds: 6000, nanoseconds: 0 });
  system.statFile(fd, stat);
  system.closeFile(fd);
  assert.deepEqual([stat.atime.seconds, stat.mtimeSeconds], [5000, 6000]);
});

conformance('a stat says what node:fs says', ({ directory, path }) => {
  writeFileSync(join(path, 'file'), 'content');
  const stat = new Stat();
  directory.stat(name('file'), stat);
  const expected = lstatSync(join(path, 'file'), { bigint: true });
  assert.equal(stat.kind, 'file');
  assert.equal(stat.mode, Number(expected.mode) & 0o7777);
  assert.equal(stat.size, 7);
  assert.equal(stat.ino, expected.ino);
  assert.equal(stat.inoApproximate, Number(expected.ino));
  assert.equal(stat.nlink, 1);
  assert.equal(stat.blocks, Number(expected.blocks));
  assert.equal(stat.blockSize, Number(expected.blksize));
  assert.deepEqual([stat.uid, stat.gid], [Number(expected.uid), Number(expected.gid)]);
  assert.equal(BigInt(stat.mtimeSeconds) * 1_000_000_000n + BigInt(stat.mtimeNanoseconds), expected.mtimeNs);
  assert.equal(BigInt(stat.ctimeSeconds) * 1_000_000_000n + BigInt(stat.ctimeNanoseconds), expected.ctimeNs);
  assert.equal(BigInt(stat.btime?.seconds ?? 0), expected.birthtimeNs / 1_000_000_000n);
});

conformance('a stat by name and a stat of the open file agree', ({ system, directory, path }) => {
  writeFileSync(join(path, 'file'), 'content');
  const [byName, byFile, root, parent] = [new Stat(), new Stat(), new Stat(), new Stat()];
  directory.stat(name('file'), byName);
  const fd = directory.openFile(name('file'), 'read');
  system.statFile(fd, byFile);
  system.closeFile(fd);
  assert.ok(byName.sameFile(byFile) && byName.sameAs(byFile));
  directory.stat(name('.'), root);
  statDirectory(system, path, parent);
  assert.ok(root.sameFile(parent));
  assert.equal(root.sameFile(byName), false);
  assert.equal(root.dev, byName.dev);
});

function statDirectory(system: System, path: string, into: Stat): void {
  using above = system.openDirectory(name(join(path, '..')));
  above.stat(name(path.split(/[\\/]/).at(-1) as string), into);
}

conformance('a signature changes with whatever is changed, and with nothing else', ({ directory, path }) => {
  const file = join(path, 'file');
  writeFileSync(file, 'content');
  const [stat, later] = [new Stat(), new Stat()];
  const signature = (): string => {
    const bytes = Buffer.alloc(SIGNATURE_BYTES + 2, 0xee);
    directory.stat(name('file'), later);
    later.signature(bytes, 1);
    assert.deepEqual([bytes[0], bytes.at(-1)], [0xee, 0xee]);
    return bytes.toString('hex');
  };
  directory.stat(name('file'), stat);
  const seen = new Set([signature()]);
  assert.ok(stat.sameAs(later));
  assert.ok(seen.has(signature()));
  for (const change of [() => writeFileSync(file, 'longer content'), () => utimesSync(file, 1, 1), () => chmodSync(file, 0o444)]) {
    change();
    const next = signature();
    assert.ok(!seen.has(next) && !stat.sameAs(later));
    seen.add(next);
  }
  stat.copyFrom(later);
  assert.ok(stat.sameAs(later));
});

test('sizes, inodes and times beyond 32 bits are read exactly', () => {
  const stat = new Stat();
  const view = new DataView(stat.bytes.buffer);
  view.setBigUint64(32, 2n ** 63n + 1n, true);
  view.setBigUint64(40, 2n ** 52n + 1n, true);
  view.setBigInt64(112, -62_135_596_800n, true);
  assert.equal(stat.ino, 2n ** 63n + 1n);
  assert.equal(stat.size, 2 ** 52 + 1);
  assert.equal(stat.mtimeSeconds, -62_135_596_800);
});

if (process.platform !== 'win32') {
  conformance('modes are set with setuid, setgid and sticky, and never through a link', ({ system, directory, path }) => {
    writeFileSync(join(path, 'file'), '', { mode: 0o600 });
    mkdirSync(join(path, 'folder'));
    symlinkSync('file', join(path, 'link'));
    directory.setMode(name('file'), 0o4751);
    directory.setMode(name('folder'), 0o1777);
    assert.equal(lstatSync(join(path, 'file')).mode & 0o7777, 0o4751);
    assert.equal(lstatSync(join(path, 'folder')).mode & 0o7777, 0o1777);
    assert.throws(() => directory.setMode(name('link'), 0o777), { code: 'EOPNOTSUPP' });
    assert.throws(() => directory.setMode(name('none'), 0o777), { code: 'ENOENT' });
    const fd = directory.openFile(name('file'), 'read');
    system.setFileMode(fd, 0);
    system.closeFile(fd);
    assert.equal(lstatSync(join(path, 'file')).mode & 0o7777, 0);
  });
}

conformance('owners are set on files, and on links themselves', ({ system, directory, path, context }) => {
  if (skipUnless(context, isRoot, 'only root gives files away')) return;
  writeFileSync(join(path, 'file'), '');
  symlinkSync('file', join(path, 'link'));
  directory.setOwner(name('link'), 4_000_000_000, 123_456);
  const stat = new Stat();
  directory.stat(name('link'), stat);
  assert.deepEqual([stat.uid, stat.gid], [4_000_000_000, 123_456]);
  assert.equal(lstatSync(join(path, 'file')).uid, 0);
  const fd = directory.openFile(name('file'), 'read');
  system.setFileOwner(fd, 5, 6);
  system.closeFile(fd);
  assert.deepEqual([lstatSync(join(path, 'file')).uid, lstatSync(join(path, 'file')).gid], [5, 6]);
});

conformance(
  'extended attributes of files and directories keep any bytes',
  ({ system, directory, path }) => {
    writeFileSync(join(path, 'file'), '');
    mkdirSync(join(path, 'folder'));
    const value = Buffer.from([0, 255, 10, 0]);
    for (const each of [name('file'), name('folder')]) {
      directory.setXattr(each, name('user.b'), value);
      directory.setXattr(each, name('user.a.ü'), Buffer.alloc(0));
      assert.deepEqual(directory.listXattrs(each).filter(isOurs), [name('user.a.ü'), 'user.b']);
      assert.deepEqual(directory.getXattr(each, name('user.b')), value);
      assert.deepEqual(directory.getXattr(each, name('user.a.ü')), Buffer.alloc(0));
      assert.equal(directory.getXattr(each, name('user.none')), undefined);
      directory.removeXattr(each, name('user.b'));
      assert.throws(() => directory.removeXattr(each, name('user.b')), { code: 'ENODATA' });
      assert.deepEqual(directory.listXattrs(each).filter(isOurs), [name('user.a.ü')]);
    }
    const fd = directory.openFile(name('file'), 'readWrite');
    system.setFileXattr(fd, name('user.c'), value);
    assert.deepEqual(system.listFileXattrs(fd).filter(isOurs), [name('user.a.ü'), 'user.c']);
    assert.deepEqual(system.getFileXattr(fd, name('user.c')), value);
    system.removeFileXattr(fd, name('user.c'));
    assert.equal(system.getFileXattr(fd, name('user.c')), undefined);
    system.closeFile(fd);
  },
  'xattrs',
);

/** Security modules add attributes of their own. */
function isOurs(attribute: ByteName): boolean {
  return !attribute.startsWith('security.');
}

conformance(
  'extended attributes of a symbolic link are its own',
  ({ directory, path, context }) => {
    if (skipUnless(context, isRoot, 'only root may set trusted attributes, the only ones a link can have')) return;
    writeFileSync(join(path, 'file'), '');
    symlinkSync('file', join(path, 'link'));
    directory.setXattr(name('link'), name('trusted.varve'), Buffer.from('link'));
    assert.deepEqual(directory.listXattrs(name('link')).filter(isOurs), ['trusted.varve']);
    assert.deepEqual(directory.listXattrs(name('file')).filter(isOurs), []);
    assert.throws(() => directory.setXattr(name('link'), name('user.a'), Buffer.from('x')), { code: 'EPERM' });
  },
  'xattrs',
);

conformance(
  'a value of any bytes comes back',
  ({ directory, path }) => {
    writeFileSync(join(path, 'file'), '');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.uint8Array({ minLength: 1, maxLength: 200 }), (value, suffix) => {
        const attribute = `user.${nameFromBytes(suffix.map((byte) => (byte === 0 || byte === 0x2f ? 1 : byte)))}` as ByteName;
        directory.setXattr(name('file'), attribute, value);
        assert.deepEqual(directory.listXattrs(name('file')).filter(isOurs), [attribute]);
        assert.deepEqual(directory.getXattr(name('file'), attribute), Buffer.from(value));
        directory.removeXattr(name('file'), attribute);
      }),
      { numRuns: 50 },
    );
  },
  'xattrs',
);

conformance('what cannot be done is said to be unsupported', ({ system, directory, path }) => {
  writeFileSync(join(path, 'file'), '');
  const { capabilities } = system;
  if (!capabilities.xattrs) {
    assert.deepEqual(directory.listXattrs(name('file')), []);
    assert.equal(directory.getXattr(name('file'), name('user.a')), undefined);
    assert.throws(() => directory.setXattr(name('file'), name('user.a'), Buffer.alloc(1)), { code: 'EOPNOTSUPP' });
  }
  if (!capabilities.specialFiles) assert.throws(() => directory.makeNode(name('fifo'), 'fifo', 0o600), { code: 'EOPNOTSUPP' });
  if (!capabilities.syncFileSystem) assert.throws(() => directory.syncFileSystem(), { code: 'EOPNOTSUPP' });
  if (!capabilities.renameModes)
    assert.throws(() => directory.rename(name('file'), directory, name('b'), 'exchange'), { code: 'EOPNOTSUPP' });
});

conformance(
  'users and groups are found by number and by name',
  ({ system }) => {
    const { uid, gid, username } = userInfo();
    assert.deepEqual(system.account(username), { uid, gid });
    assert.equal(system.account('no such user'), undefined);
    assert.equal(system.userName(uid), username);
    assert.equal(system.userId(username), uid);
    const group = system.groupName(0) as string;
    assert.equal(system.groupId(group), 0);
    for (let repeat = 0; repeat < 2; repeat++) {
      assert.equal(system.userName(3_999_999_999), undefined);
      assert.equal(system.groupName(3_999_999_999), undefined);
      assert.equal(system.userId('no such user'), undefined);
      assert.equal(system.groupId('no such group'), undefined);
    }
  },
  'accounts',
);

conformance('an owner that is no number of 32 bits, or means to leave it alone, is refused', ({ system, directory, path }) => {
  writeFileSync(join(path, 'file'), '');
  const fd = directory.openFile(name('file'), 'read');
  for (const each of [0xffff_ffff, 2 ** 32, Number.NaN]) {
    for (const [uid, gid] of [
      [each, 0],
      [0, each],
    ] as const) {
      for (const node of ['file', '.']) assert.throws(() => directory.setOwner(name(node), uid, gid));
      assert.throws(() => system.setFileOwner(fd, uid, gid));
    }
  }
  system.closeFile(fd);
});

conformance(
  'the name of an attribute may hold a slash',
  ({ directory, path }) => {
    writeFileSync(join(path, 'file'), '');
    directory.setXattr(name('file'), name('user.a/b'), Buffer.from('value'));
    assert.deepEqual(directory.listXattrs(name('file')), ['user.a/b']);
    assert.equal(directory.getXattr(name('file'), name('user.a/b'))?.toString(), 'value');
    directory.removeXattr(name('file'), name('user.a/b'));
    assert.deepEqual(directory.listXattrs(name('file')), []);
  },
  'xattrs',
);

conformance(
  'a directory that may be listed but not searched tells and takes metadata of its own',
  ({ directory, path, context }) => {
    if (skipUnless(context, isRoot, 'only root can take the rights of somebody else')) return;
    directory.setOwner(name('.'), 65_534, 65_534);
    mkdirSync(join(path, 'folder'), { mode: 0o600 });
    directory.setOwner(name('folder'), 65_534, 65_534);
    const stat = new Stat();
    process.seteuid?.(65_534);
    try {
      using folder = directory.openDirectory(name('folder'));
      assert.ok(folder.stat(name('.'), stat));
      assert.equal(stat.mode, 0o600);
      folder.setXattr(name('.'), name('user.varve'), Buffer.from('value'));
      assert.deepEqual(folder.listXattrs(name('.')), ['user.varve']);
      folder.setTimes(name('.'), { seconds: 1, nanoseconds: 2 });
      folder.setOwner(name('.'), 65_534, 65_534);
      folder.setMode(name('.'), 0o000);
    } finally {
      process.seteuid?.(0);
    }
    directory.stat(name('folder'), stat);
    assert.deepEqual([stat.mode, stat.mtime], [0, { seconds: 1, nanoseconds: 2 }]);
  },
  'beneath',
);
