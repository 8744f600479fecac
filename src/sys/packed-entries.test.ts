import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { conformance } from '../../test/support/systems.ts';
import { type ByteName, nameFromText } from '../base/names.ts';
import { PackedEntries, PackedReader } from './packed-entries.ts';
import { Stat, typeOfKind } from './stat.ts';

const NS = 1_000_000_000n;
const inNs = ({ seconds, nanoseconds }: { seconds: number; nanoseconds: number }) => BigInt(seconds) * NS + BigInt(nanoseconds);

conformance('a directory with its stats in one buffer says what each stat says', ({ directory, path }) => {
  fs.writeFileSync(join(path, 'file'), 'content');
  fs.mkdirSync(join(path, 'folder'));
  fs.symlinkSync('nowhere', join(path, 'link'));
  fs.linkSync(join(path, 'file'), join(path, 'second link'));
  fs.utimesSync(join(path, 'file'), -1.5, -1.5);
  const packed = new PackedEntries(64);
  directory.statEntries(packed, (name, error) => assert.fail(`${name}: ${error.message}`));
  assert.equal(packed.count, 4);
  const reader = new PackedReader(packed.finish());
  const seen = new Set<string>();
  const stat = new Stat();
  while (reader.next()) {
    seen.add(reader.name);
    directory.stat(reader.name, stat);
    const { kind, mode, uid, gid, nlink, size, blocks, dev, ino } = stat;
    assert.deepEqual(
      [reader.type, reader.mode, reader.uid, reader.gid, reader.links, reader.size, reader.blocks, reader.device, reader.inode],
      [kind && typeOfKind(kind), mode, uid, gid, nlink, size, blocks, dev, ino],
    );
    assert.equal(reader.mtime, inNs(stat.mtime));
    assert.equal(reader.ctime, inNs(stat.ctime));
    assert.equal(reader.born, stat.btime === undefined ? 0n : inNs(stat.btime));
    assert.equal(BigInt(reader.inodeValue), ino);
  }
  assert.deepEqual([...seen].sort(), ['file', 'folder', 'link', 'second link']);
  assert.equal(packed.count, 0);
});

conformance('times stay at the bounds of what 64 bits of nanoseconds say', ({ system, directory }) => {
  const name = nameFromText('file') as ByteName;
  system.closeFile(directory.openFile(name, 'createExclusive'));
  const stat = new Stat();
  directory.stat(name, stat);
  const words = new DataView(stat.bytes.buffer);
  const timeOf = (seconds: bigint, nanoseconds: number) => {
    words.setBigInt64(112, seconds, true);
    words.setUint32(120, nanoseconds, true);
    const packed = new PackedEntries(1024);
    packed.add(stat.bytes, Buffer.from('file'), 0, 4);
    const reader = new PackedReader(packed.finish());
    assert.ok(reader.next());
    return reader.mtime;
  };
  const greatest = 2n ** 63n - 1n;
  for (const seconds of [0n, 1n, -1n, 1_795_000_000n, -2_208_988_800n, greatest / NS - 1n, -(greatest / NS) + 1n])
    for (const nanoseconds of [0, 1, 999_999_999]) assert.equal(timeOf(seconds, nanoseconds), seconds * NS + BigInt(nanoseconds));
  assert.equal(timeOf(2n ** 40n, 0), greatest);
  assert.equal(timeOf(-(2n ** 40n), 0), -greatest - 1n);
});
