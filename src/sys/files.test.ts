import assert from 'node:assert/strict';
import { fstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { conformance } from '../../test/support/systems.ts';
import { nameFromText } from '../base/names.ts';
import { Stat } from './stat.ts';

const name = nameFromText;
const text = (value: string) => Buffer.from(value);

conformance('what is written at positions is read at positions', ({ system, directory, path }) => {
  const fd = directory.openFile(name('file'), 'createExclusive');
  system.write(fd, text('world'), 6);
  system.write(fd, text('hello '), 0);
  const bytes = new Uint8Array(20);
  assert.equal(system.read(fd, bytes, 3), 8);
  assert.equal(Buffer.from(bytes.subarray(0, 8)).toString(), 'lo world');
  assert.equal(system.read(fd, bytes, 11), 0);
  system.closeFile(fd);
  assert.equal(readFileSync(join(path, 'file'), 'utf8'), 'hello world');
});

conformance('without positions, reads and writes go on where the last one ended', ({ system, directory }) => {
  const fd = directory.openFile(name('file'), 'createExclusive');
  system.write(fd, text('one'));
  system.write(fd, text('two'));
  system.closeFile(fd);
  const again = directory.openFile(name('file'), 'read');
  const bytes = Buffer.alloc(4);
  assert.equal(system.read(again, bytes), 4);
  assert.equal(bytes.toString(), 'onet');
  assert.equal(system.read(again, bytes), 2);
  assert.equal(system.read(again, bytes), 0);
  system.closeFile(again);
});

conformance('a view of WebAssembly memory can be read into and written from', ({ system, directory }) => {
  const memory = new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer);
  const fd = directory.openFile(name('file'), 'createExclusive');
  memory.set(text('kernel'), 100);
  system.write(fd, memory.subarray(100, 106), 0);
  assert.equal(system.read(fd, memory.subarray(200, 206), 0), 6);
  assert.equal(Buffer.from(memory.subarray(199, 207)).toString(), '\0kernel\0');
  system.closeFile(fd);
});

conformance('appending writes at the end, wherever that is by then', ({ system, directory, path }) => {
  const fd = directory.openFile(name('log'), 'append');
  system.write(fd, text('a\n'));
  writeFileSync(join(path, 'log'), 'other\n', { flag: 'a' });
  system.write(fd, text('b\n'));
  system.closeFile(fd);
  assert.equal(readFileSync(join(path, 'log'), 'utf8'), 'a\nother\nb\n');
});

conformance('a file is created with the mode asked for, less the umask', ({ system, directory }) => {
  const before = process.umask(0o022);
  const fd = directory.openFile(name('file'), 'createExclusive', 0o666);
  process.umask(before);
  const stat = new Stat();
  system.statFile(fd, stat);
  system.closeFile(fd);
  if (process.platform !== 'win32') assert.equal(stat.mode, 0o644);
  assert.equal(stat.kind, 'file');
});

conformance('only the ways of opening that create do create', ({ system, directory }) => {
  for (const how of ['read', 'write', 'readWrite'] as const) assert.throws(() => directory.openFile(name('none'), how), { code: 'ENOENT' });
  for (const how of ['create', 'append'] as const) system.closeFile(directory.openFile(name(how), how));
  assert.deepEqual(directory.entries().names.sort(), ['append', 'create']);
  assert.throws(() => directory.openFile(name('create'), 'createExclusive'), { code: 'EEXIST' });
});

conformance('opening for writing keeps the content; truncating cuts it', ({ system, directory, path }) => {
  writeFileSync(join(path, 'file'), 'content');
  const fd = directory.openFile(name('file'), 'write');
  assert.equal(readFileSync(join(path, 'file'), 'utf8'), 'content');
  system.truncate(fd, 4);
  system.syncData(fd);
  system.syncFile(fd);
  system.closeFile(fd);
  assert.equal(readFileSync(join(path, 'file'), 'utf8'), 'cont');
});

conformance('a file of several gigabytes is addressed beyond 32 bits', ({ system, directory }) => {
  const fd = directory.openFile(name('large'), 'createExclusive');
  const at = 5 * 2 ** 30 + 1;
  system.write(fd, text('far'), at);
  const stat = new Stat();
  system.statFile(fd, stat);
  assert.equal(stat.size, at + 3);
  const bytes = Buffer.alloc(3);
  assert.equal(system.read(fd, bytes, at), 3);
  assert.equal(bytes.toString(), 'far');
  system.closeFile(fd);
});

conformance(
  'holes and data are found where they are',
  ({ system, directory }) => {
    const mebibyte = 2 ** 20;
    const fd = directory.openFile(name('sparse'), 'createExclusive');
    system.write(fd, Buffer.alloc(65536, 1), mebibyte);
    system.truncate(fd, 3 * mebibyte);
    assert.equal(system.nextData(fd, 0), mebibyte);
    assert.equal(system.nextHole(fd, 0), 0);
    assert.equal(system.nextHole(fd, mebibyte), mebibyte + 65536);
    assert.equal(system.nextData(fd, mebibyte + 65536), undefined);
    system.closeFile(fd);
  },
  'holes',
);

conformance('a file without holes is all data, and an empty one has none', ({ system, directory }) => {
  const fd = directory.openFile(name('full'), 'createExclusive');
  assert.equal(system.nextData(fd, 0), undefined);
  system.write(fd, text('data'), 0);
  assert.equal(system.nextData(fd, 0), 0);
  assert.equal(system.nextData(fd, 2), 2);
  assert.equal(system.nextHole(fd, 0), 4);
  system.closeFile(fd);
});

conformance('a punched hole reads as zeros and keeps the size', ({ system, directory }) => {
  const fd = directory.openFile(name('file'), 'createExclusive');
  system.write(fd, Buffer.alloc(3 * 65536, 1), 0);
  const bytes = Buffer.alloc(3 * 65536);
  if (system.punchHole(fd, 65536, 65536)) {
    assert.equal(system.read(fd, bytes, 0), bytes.length);
    assert.deepEqual([bytes[65535], bytes[65536], bytes[131071], bytes[131072]], [1, 0, 0, 1]);
    assert.equal(system.nextHole(fd, 0), 65536);
  } else {
    assert.equal(system.capabilities.implementation, 'portable');
  }
  system.closeFile(fd);
});

conformance('reserving space leaves the size alone', ({ system, directory }) => {
  const fd = directory.openFile(name('file'), 'createExclusive');
  const reserved = system.allocate(fd, 0, 2 ** 20);
  assert.equal(fstatSync(fd).size, 0);
  if (reserved) assert.ok(fstatSync(fd).blocks * 512 >= 2 ** 20);
  system.closeFile(fd);
});

conformance('a clone has the content, or is said to be impossible', ({ system, directory, path }) => {
  writeFileSync(join(path, 'from'), 'content');
  const from = directory.openFile(name('from'), 'read');
  const to = directory.openFile(name('to'), 'createExclusive');
  const cloned = system.cloneFile(from, to);
  assert.equal(readFileSync(join(path, 'to'), 'utf8'), cloned ? 'content' : '');
  assert.equal(system.cloneRange(from, 0, to, 0, 7), cloned);
  system.closeFile(from);
  system.closeFile(to);
});

conformance('a range is copied between files, up to the end of the first', ({ system, directory, path }) => {
  writeFileSync(join(path, 'from'), Buffer.alloc(600_000, 'abc'));
  const from = directory.openFile(name('from'), 'read');
  const to = directory.openFile(name('to'), 'createExclusive');
  assert.equal(system.copyRange(from, 1, to, 2, 1_000_000), 599_999);
  const copied = readFileSync(join(path, 'to'));
  assert.equal(copied.length, 600_001);
  assert.equal(copied.subarray(0, 5).toString('latin1'), '\0\0bca');
  system.closeFile(from);
  system.closeFile(to);
});

conformance('hints do no harm', ({ system, directory }) => {
  const fd = directory.openFile(name('file'), 'createExclusive');
  system.adviseSequential(fd);
  system.adviseDontNeed(fd, 0, 0);
  system.closeFile(fd);
});

conformance(
  'ranges of files are fetched, also beyond their ends and of what can be mapped by nobody, and do not change',
  ({ system, directory, path }) => {
    const contents = [1, 4096, 100_000].map((bytes) => Buffer.alloc(bytes, 'abc'));
    for (const [i, content] of contents.entries()) writeFileSync(join(path, `${i}`), content);
    const files = contents.map((_, i) => directory.openFile(name(`${i}`), 'read'));
    const ranges = files.flatMap((fd) => [
      { fd, from: 0, lengthBytes: 16_384 },
      { fd, from: 90_001, lengthBytes: 1_000_000 },
    ]);
    system.fetchRanges([]);
    system.fetchRanges(ranges);
    system.fetchRanges([...ranges.slice(0, 3), { fd: -1, from: 0, lengthBytes: 10_000 }, ...ranges.slice(3)]);
    for (const [i, fd] of files.entries()) {
      const bytes = Buffer.alloc(contents[i]?.length ?? 0);
      system.read(fd, bytes, 0);
      assert.deepEqual(bytes, contents[i]);
      system.closeFile(fd);
    }
  },
);

conformance('a closed descriptor is refused', ({ system, directory }) => {
  const fd = directory.openFile(name('file'), 'createExclusive');
  system.closeFile(fd);
  assert.throws(() => system.read(fd, Buffer.alloc(1), 0), { name: 'SystemError', code: 'EBADF' });
  assert.throws(() => system.write(fd, Buffer.alloc(1), 0), { name: 'SystemError', code: 'EBADF' });
  assert.throws(() => system.closeFile(fd), { name: 'SystemError', code: 'EBADF' });
});

conformance('the limit of open files is a useful one', ({ system }) => {
  assert.ok(system.openFileLimit() >= 256);
});
