/** What each kind of watcher tells of each way to change a directory, by a real kernel. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import koffi from 'koffi';
import { type WatchBench, watching, watchingByKernel } from '../../../test/support/watchers.ts';
import { type ByteName, nameFromText, showName } from '../../base/names.ts';
import { AT_FDCWD, UTIME_OMIT } from '../linux/flags.ts';
import { linuxSystem } from '../linux/system.ts';
import { encodeTimes } from '../linux/times.ts';
import { libc } from '../posix/libc.ts';
import { encodeString } from '../posix/memory.ts';

const name = nameFromText;
const isRoot = process.getuid?.() === 0;

watching('a new file is told by its name, and once', (bench) => {
  const file = bench.at('a');
  assert.deepEqual(
    bench.told(() => fs.closeSync(fs.openSync(file, 'wx'))),
    ['a'],
  );
});

watchingByKernel('a file that was written is open until its writer closes it', (bench) => {
  let fd = -1;
  const write = () => {
    fd = fs.openSync(bench.at('a'), 'w');
    fs.writeSync(fd, 'content');
  };
  assert.deepEqual(bench.told(write), ['a (open)']);
  assert.deepEqual(
    bench.told(() => fs.writeSync(fd, 'more')),
    ['a (open)'],
  );
  assert.deepEqual(
    bench.told(() => fs.closeSync(fd)),
    ['a'],
  );
  assert.deepEqual(
    bench.told(() => fs.writeFileSync(bench.at('b'), 'at once')),
    ['b'],
  );
});

watchingByKernel('a writer that only opened and closed a file is told too', (bench) => {
  fs.writeFileSync(bench.at('a'), '');
  assert.deepEqual(
    bench.told(() => fs.closeSync(fs.openSync(bench.at('a'), 'r+'))),
    ['a'],
  );
});

watching('reading tells nothing', (bench) => {
  fs.writeFileSync(bench.at('a'), 'content');
  const read = () => {
    fs.readFileSync(bench.at('a'));
    fs.readdirSync(bench.path);
    fs.statSync(bench.at('a'));
  };
  assert.deepEqual(bench.told(read), []);
});

watchingByKernel('what is written through a mapping is told when the mapping and the file are gone, not before', (bench) => {
  const mapping = new Mapping(bench.at('a'), 4096);
  assert.deepEqual(
    bench.told(() => mapping.write()),
    [],
  );
  assert.deepEqual(
    bench.told(() => mapping.close()),
    ['a'],
  );
});

watchingByKernel('truncation by path counts as a modification that nobody closes', (bench) => {
  fs.writeFileSync(bench.at('a'), 'content');
  assert.deepEqual(
    bench.told(() => fs.truncateSync(bench.at('a'), 3)),
    // Node opens the file to truncate it.
    ['a'],
  );
  const truncate = koffi.load(null).func('int truncate(const char *path, long length)');
  assert.deepEqual(
    bench.told(() => truncate(bench.at('a'), 1)),
    ['a (open)'],
  );
});

watchingByKernel('mode, owner, times and attributes of a file are told', (bench) => {
  const file = bench.at('a');
  fs.writeFileSync(file, '');
  assert.deepEqual(
    bench.told(() => fs.chmodSync(file, 0o600)),
    ['a'],
  );
  assert.deepEqual(
    bench.told(() => fs.chownSync(file, fs.statSync(file).uid, fs.statSync(file).gid)),
    ['a'],
  );
  assert.deepEqual(
    bench.told(() => fs.utimesSync(file, 1, 2)),
    ['a'],
  );
  assert.deepEqual(
    bench.told(() => bench.directory.setTimes(name('a'), { seconds: 5, nanoseconds: 0 })),
    ['a (open)'],
  );
  assert.deepEqual(
    bench.told(() => setAttribute(bench)),
    ['a'],
  );
});

watching('links, directories and special files are told', (bench) => {
  fs.writeFileSync(bench.at('a'), '');
  assert.deepEqual(
    bench.told(() => fs.linkSync(bench.at('a'), bench.at('hard'))),
    ['hard'],
  );
  assert.deepEqual(
    bench.told(() => fs.symlinkSync('a', bench.at('symbolic'))),
    ['symbolic'],
  );
  assert.deepEqual(
    bench.told(() => bench.directory.makeNode(name('pipe'), 'fifo', 0o600)),
    ['pipe'],
  );
  assert.deepEqual(
    bench.told(() => fs.mkdirSync(bench.at('folder'))),
    ['folder'],
  );
  assert.deepEqual(
    bench.told(() => fs.rmdirSync(bench.at('folder'))),
    ['folder'],
  );
  assert.deepEqual(
    bench.told(() => fs.unlinkSync(bench.at('hard'))),
    ['hard'],
  );
});

watchingByKernel('a change through one hard link is told under its name alone', (bench) => {
  fs.writeFileSync(bench.at('a'), '');
  fs.linkSync(bench.at('a'), bench.at('b'));
  assert.deepEqual(
    bench.told(() => fs.appendFileSync(bench.at('b'), 'more')),
    ['b'],
  );
});

watchingByKernel('a rename is one event with both places', (bench) => {
  fs.mkdirSync(bench.at('sub'));
  bench.watch('sub');
  fs.writeFileSync(bench.at('a'), '');
  fs.writeFileSync(bench.at('old'), '');
  assert.deepEqual(
    bench.told(() => fs.renameSync(bench.at('a'), bench.at('b'))),
    ['a → b'],
  );
  assert.deepEqual(
    bench.told(() => fs.renameSync(bench.at('b'), bench.at('sub/c'))),
    ['b → sub/c'],
  );
  // That another file was replaced is seen by the look at the new place.
  assert.deepEqual(
    bench.told(() => fs.renameSync(bench.at('sub/c'), bench.at('old'))),
    ['sub/c → old'],
  );
});

watchingByKernel('a rename of a directory is told in its parent and of itself, and its key stays', (bench) => {
  fs.mkdirSync(bench.at('sub'));
  bench.watch('sub');
  const told = bench.told(() => fs.renameSync(bench.at('sub'), bench.at('moved')));
  assert.deepEqual(told.sort(), ['sub → moved', 'sub/.']);
  assert.deepEqual(
    bench.told(() => fs.writeFileSync(bench.at('moved/a'), '')),
    ['sub/a'],
  );
});

watchingByKernel('an exchange is two renames', (bench) => {
  fs.writeFileSync(bench.at('a'), '');
  fs.writeFileSync(bench.at('b'), '');
  const told = bench.told(() => bench.directory.rename(name('a'), bench.directory, name('b'), 'exchange'));
  assert.deepEqual(told.sort(), ['a → b', 'b → a']);
});

watching('a rename that leaves or enters what is watched is told at its known end', (bench) => {
  fs.mkdirSync(bench.at('aside'));
  fs.writeFileSync(bench.at('a'), '');
  const [out, back] = bench.watcher.marksDirectories ? ['a', 'b'] : ['a → elsewhere', 'elsewhere → b'];
  assert.deepEqual(
    bench.told(() => fs.renameSync(bench.at('a'), bench.at('aside/a'))),
    [out],
  );
  assert.deepEqual(
    bench.told(() => fs.renameSync(bench.at('aside/a'), bench.at('b'))),
    [back],
  );
});

watchingByKernel("a directory's own attributes are told", (bench) => {
  fs.mkdirSync(bench.at('sub'));
  const unmarked = bench.told(() => fs.chmodSync(bench.at('sub'), 0o700));
  assert.deepEqual(unmarked, bench.isInotify ? ['sub'] : []);
  bench.watch('sub');
  const marked = bench.told(() => fs.chmodSync(bench.at('sub'), 0o755));
  assert.deepEqual(marked.sort(), bench.isInotify ? ['sub', 'sub/.'] : ['sub/.']);
  assert.deepEqual(
    bench.told(() => fs.chmodSync(bench.path, 0o755)),
    ['.'],
  );
});

watching('a watched directory that is deleted is told, and its mark is lost', (bench) => {
  fs.mkdirSync(bench.at('sub'));
  const key = bench.watch('sub');
  bench.take();
  fs.rmdirSync(bench.at('sub'));
  const { events, lost } = bench.take();
  assert.deepEqual(events.map((event) => event.name).sort(), ['.', 'sub']);
  assert.deepEqual(lost, bench.watcher.marksDirectories ? [key] : []);
  assert.equal(bench.watcher.open(key), undefined);
});

watchingByKernel('names of any bytes come as they are', (bench) => {
  const names = ['line\nbreak', '\xff\xfe', 'é'.repeat(127), 'x'.repeat(255), ' ', '\x01', '..x', '\\'] as ByteName[];
  for (const each of names) {
    const make = () => linuxSystem.closeFile(bench.directory.openFile(each, 'createExclusive'));
    assert.deepEqual(bench.told(make), [showName(each)]);
    const next = each.replace(/./s, 'y') as ByteName;
    assert.deepEqual(
      bench.told(() => bench.directory.rename(each, bench.directory, next)),
      [`${showName(each)} → ${showName(next)}`],
    );
  }
});

watching('who did it is told where the kernel says', (bench) => {
  const pids = () => bench.take().events.map((event) => event.pid);
  fs.writeFileSync(bench.at('a'), '');
  assert.deepEqual(pids(), [bench.tellsProcesses ? process.pid : 0]);
  execFileSync('touch', [bench.at('b')]);
  const [other] = pids();
  assert.equal(other === 0 || other === process.pid, !bench.tellsProcesses || !isRoot);
});

watching('access times alone are told by nobody', (bench) => {
  fs.writeFileSync(bench.at('a'), '');
  const touch = () => {
    const times = encodeTimes({ seconds: 0, nanoseconds: UTIME_OMIT }, { seconds: 7, nanoseconds: 0 });
    assert.equal(libc.utimensat(AT_FDCWD, encodeString(name(bench.at('a'))), times, 0), 0);
  };
  assert.deepEqual(bench.told(touch), []);
  assert.equal(fs.statSync(bench.at('a')).atimeMs, 7000);
});

function setAttribute(bench: WatchBench): void {
  bench.directory.setXattr(name('a'), name(isRoot ? 'trusted.varve' : 'user.varve'), Buffer.from('value'));
}

const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;

/** A file that is mapped to memory, for writing. */
class Mapping {
  readonly #fd: number;
  readonly #address: unknown;
  readonly #length: number;
  readonly #libc = koffi.load(null);

  constructor(path: string, length: number) {
    this.#fd = fs.openSync(path, 'w+');
    this.#length = length;
    fs.ftruncateSync(this.#fd, length);
    const mmap = this.#libc.func('void *mmap(void *address, size_t length, int protection, int flags, int fd, long offset)');
    this.#address = mmap(null, length, PROT_READ_WRITE, MAP_SHARED, this.#fd, 0);
  }

  write(): void {
    this.#libc.func('void *memset(void *address, int byte, size_t length)')(this.#address, 0x41, this.#length);
  }

  close(): void {
    fs.closeSync(this.#fd);
    this.#libc.func('int munmap(void *address, size_t length)')(this.#address, this.#length);
  }
}
