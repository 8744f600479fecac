/** What fs.watch tells, and what it does not, by a real kernel. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { scratchFolder } from '../../../../test/support/scratch.ts';
import { type WatchBench, watching } from '../../../../test/support/watchers.ts';
import { type ByteName, nameFromText, showName } from '../../../base/names.ts';
import { system } from '../../../sys/system.ts';
import type { DirectoryKey } from '../types.ts';
import { NodeWatcher } from './node.ts';

const name = nameFromText;

function watchingByNode(sentence: string, body: (bench: WatchBench) => void | Promise<void>): void {
  watching(sentence, body, ['node']);
}

watchingByNode('of a file it is told that it was written, not that its writer closed it', (bench) => {
  let fd = -1;
  const write = () => {
    fd = fs.openSync(bench.at('a'), 'w');
    fs.writeSync(fd, 'content');
  };
  assert.deepEqual(bench.told(write), ['a (open)']);
  assert.deepEqual(
    bench.told(() => fs.closeSync(fd)),
    [],
  );
});

watchingByNode('mode, owner and times of a file are told as if it were written', (bench) => {
  fs.writeFileSync(bench.at('a'), '');
  for (const change of [
    () => fs.chmodSync(bench.at('a'), 0o600),
    () => fs.chownSync(bench.at('a'), fs.statSync(bench.at('a')).uid, fs.statSync(bench.at('a')).gid),
    () => fs.utimesSync(bench.at('a'), 1, 2),
  ])
    assert.deepEqual(bench.told(change), ['a (open)']);
});

watchingByNode('a rename is told as two places to look at', (bench) => {
  fs.mkdirSync(bench.at('sub'));
  bench.watch('sub');
  fs.writeFileSync(bench.at('a'), '');
  assert.deepEqual(
    bench.told(() => fs.renameSync(bench.at('a'), bench.at('sub/b'))),
    ['a', 'sub/b'],
  );
});

watchingByNode('names of any bytes come as they are', (bench) => {
  for (const each of ['line\nbreak', '\xff\xfe', 'é'.repeat(127), 'x'.repeat(255), ' ', '\x01', '..x', '\\'] as ByteName[]) {
    const make = () => system().closeFile(bench.directory.openFile(each, 'createExclusive'));
    assert.deepEqual(bench.told(make), [showName(each)]);
  }
});

watchingByNode("a directory's own attributes are told, and it is told as lost when it has left its path, with what is below", (bench) => {
  fs.mkdirSync(bench.at('sub/below'), { recursive: true });
  const keys = [bench.watch('sub'), bench.watch('sub/below')];
  assert.deepEqual(
    bench.told(() => fs.chmodSync(bench.at('sub'), 0o700)),
    ['sub', 'sub/.'],
  );
  bench.take();
  fs.renameSync(bench.at('sub'), bench.at('moved'));
  const { lost } = bench.take();
  assert.deepEqual(lost.toSorted(), keys.toSorted());
  assert.equal(bench.watcher.open(keys[0] as DirectoryKey), undefined);
});

watchingByNode('a directory that has moved is watched under its new path once it is marked there', (bench) => {
  fs.mkdirSync(bench.at('sub'));
  bench.watch('sub');
  fs.renameSync(bench.at('sub'), bench.at('moved'));
  bench.watch('moved');
  assert.deepEqual(
    bench.told(() => fs.writeFileSync(bench.at('moved/a'), 'content')),
    ['moved/a (open)'],
  );
});

watchingByNode('another directory at a path that was watched is watched once it is marked', (bench) => {
  fs.mkdirSync(bench.at('sub'));
  bench.watch('sub');
  fs.renameSync(bench.at('sub'), bench.at('moved'));
  fs.mkdirSync(bench.at('sub'));
  bench.watch('sub');
  assert.deepEqual(
    bench.told(() => fs.mkdirSync(bench.at('sub/a'))),
    ['sub/a'],
  );
});

watchingByNode('a directory that was swapped for another between opening and marking is refused', (bench) => {
  fs.mkdirSync(bench.at('sub'));
  using opened = system().openDirectory(name(bench.at('sub')));
  fs.renameSync(bench.at('sub'), bench.at('moved'));
  fs.mkdirSync(bench.at('sub'));
  const { watcher } = bench;
  const swapped = { handle: name(bench.at('sub')), stat: opened.stat.bind(opened) } as unknown as typeof opened;
  assert.throws(() => watcher.mark(swapped), { code: 'ENOENT' });
});

watchingByNode('more than one answer holds is told in several', (bench) => {
  const names = Array.from({ length: 6000 }, (_, i) => `${i}`);
  const told = bench.told(() => {
    for (const each of names) fs.mkdirSync(bench.at(each));
  });
  assert.deepEqual(told, names);
});

test('a watch that sees everything below tells of each change by the path of its directory', (context) => {
  const path = fs.realpathSync(scratchFolder(context));
  fs.mkdirSync(`${path}/a/b`, { recursive: true });
  using watcher = NodeWatcher.open(true);
  using directory = system().openDirectory(name(path));
  assert.equal(watcher.marksDirectories, false);
  watcher.mark(directory);
  fs.writeFileSync(`${path}/a/b/file`, '');
  fs.writeFileSync(`${path}/top`, '');
  const told = new Set<string>();
  while (told.size < 2) for (const { directory, name } of watcher.read().events) told.add(`${directory} ${name}`);
  assert.deepEqual([...told].toSorted(), [`${path} top`, `${path}/a/b file`]);
});
