import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BlockMap } from '../../test/support/block-map.ts';
import { nameFromText } from '../base/names.ts';
import { encodeIndirectBlock } from '../block/indirect-block.ts';
import { RefBuilder } from '../block/ref-builder.ts';
import { refToText } from '../block/ref-text.ts';
import type { BlockRef } from '../block/types.ts';
import { blake3 } from '../hash/blake3.ts';
import { digestToText } from '../hash/digest.ts';
import { toDigest } from '../hash/multihash.ts';
import { DirectoryWriter } from './directory-writer.ts';
import { encodeRoot } from './root-block.ts';
import type { Entry } from './types.ts';

/*
 * These bytes and digests are the format of docs/formats.md: stores in the world depend on them. A test here that fails means that equal trees would no longer
 * have equal digests.
 */

const owner = { uid: 1000, gid: 100, user: 'me', group: 'us' };
const mtime = { seconds: 1_700_000_000, nanoseconds: 5 };
const digest = toDigest(0x1e, new Uint8Array(32).fill(0xaa));
const block: BlockRef = { kind: 'block', digest, size: 300 };

function entry(name: string, more: Partial<Entry>): Entry {
  return { name: nameFromText(name), kind: 'file', mode: 0o644, owner, mtime, ...more };
}

const ZEROS = '00'.repeat(16);

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').replaceAll('aa'.repeat(32), '…');
}

describe('the format', () => {
  test('of an indirect block stays', () => {
    const run = { kind: 'run', byte: 7, size: 5000, hole: false } as const;
    assert.equal(hexOf(encodeIndirectBlock(1, [block, run])), '8464726566730101828300' + '19012c' + '58221e20…' + '8302191388' + '07');
  });

  test('of a directory stays', () => {
    const blocks = new BlockMap();
    const writer = new DirectoryWriter(blocks.emit);
    writer.add(entry('a', { content: block }));
    writer.add(
      entry('b', { kind: 'symlink', mode: 0o777, target: nameFromText('a'), owner: { uid: 0, gid: 0 }, identity: new Uint8Array(16) }),
    );
    const { content } = writer.finish();
    const head = '86636469720100';
    const owners = '82' + '820000' + '841903e81864626d65627573' + '820100';
    const a = '4161' + '84' + '1981a4' + '1a6553f100' + '05' + '8300' + '19012c' + '58221e20…';
    const b = `41628519a1ff1a6553f100054161a10250${ZEROS}`;
    assert.equal(hexOf(blocks.getNow(content.digest)), `${head}${owners}84${a}${b}`);
  });

  test('of a root stays', () => {
    const directory = { kind: 'directory', mode: 0o755, owner, mtime, content: block, summary: { files: 3, bytes: 70_000 } } as const;
    const owners = '81' + '841903e81864626d65627573' + '80';
    const body = '87' + '1941ed' + '1a6553f100' + '05' + '19012c' + '58221e20…' + '03' + '1a00011170';
    assert.equal(hexOf(encodeRoot(directory)), `8564726f6f7401${owners}${body}`);
  });

  test('has the boundaries of long directories where it has always had them', () => {
    const blocks = new BlockMap();
    const writer = new DirectoryWriter(blocks.emit);
    for (let i = 0; i < 10_000; i++) writer.add(entry(`name${String(i).padStart(5, '0')}`, { kind: 'fifo' }));
    const { content } = writer.finish();
    assert.equal(blocks.size, 160);
    assert.equal(digestToText(content.digest), 'blake3:8ba52bf90cdbf79e864bd13e760aa755e517d13e5b25d692607f91a10c3fe5e9');
  });

  test('has the boundaries of long files where it has always had them', () => {
    const blocks = new BlockMap();
    const builder = new RefBuilder(blocks.emit);
    for (let i = 0; i < 10_000; i++) builder.append({ kind: 'block', digest: blake3.hash(Buffer.from(String(i))), size: 1000 + i });
    assert.equal(refToText(builder.finish()), 'tree:2:blake3:2f5defcfc5a1d345ef357448917b708229d3c84d6f6fa289c038c162edf1388e+59995000');
    assert.equal(blocks.size, 69);
  });
});
