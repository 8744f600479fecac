/**
 * That docs/formats.md is enough to read what Varve writes: a real store and file cache, made by a real save, are read by the reader in
 * test/support/format-reader, which knows nothing but that page.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { nameFromText } from '../src/base/names.ts';
import { digestFromText } from '../src/hash/digest.ts';
import { hashByName } from '../src/hash/registry.ts';
import { Datadir } from '../src/store/datadir/datadir.ts';
import { Archive } from '../src/tree/archive.ts';
import { collect } from '../src/tree/collect.ts';
import { dropRevisions } from '../src/tree/forget.ts';
import { save } from '../src/tree/save/save.ts';
import { readCheckedJson } from './support/format-reader/checked-json.ts';
import { hashOfText } from './support/format-reader/digests.ts';
import { readFileCache } from './support/format-reader/file-cache.ts';
import { readIndexRun } from './support/format-reader/index-run.ts';
import { type FoundSegments, readSegments } from './support/format-reader/segments.ts';
import { TreeOfBlocks } from './support/format-reader/tree.ts';

const CHUNKING = { minBytes: 256, targetBytes: 1024, maxBytes: 4096 };
const NAMES = 1500;

for (const algorithm of ['blake3', 'sha2-256']) {
  describe(`docs/formats.md is enough to read, under ${algorithm},`, () => {
    const folder = fs.mkdtempSync(join(os.tmpdir(), 'varve-formats-'));
    const source = join(folder, 'source');
    const at = join(folder, 'store');
    const cacheFile = join(folder, 'cache');
    const store = new Datadir(at, { create: { hash: hashByName(algorithm), chunking: CHUNKING } });
    const readLines = () => fs.readFileSync(join(at, 'archives/main.varve'), 'utf8').trimEnd().split('\n').map(readCheckedJson);
    const saveSource = () => save({ store, archive: 'main', source: nameFromText(source), cacheFile, options: { threads: 0 } });
    let segments: FoundSegments;

    before(async () => {
      makeTree(source);
      await saveSource();
      fs.writeFileSync(join(source, 'sub/second'), 'of the second revision');
      await saveSource();
      segments = readSegments(at, readCheckedJson(fs.readFileSync(join(at, 'store.json'), 'utf8')).id as string);
    });
    after(async () => {
      await store.close();
      fs.rmSync(folder, { recursive: true });
    });

    it('the header of a store and its copy', () => {
      const text = fs.readFileSync(join(at, 'store.json'), 'utf8');
      const { id, check: _, ...rest } = readCheckedJson(text);
      assert.deepEqual(rest, { format: 1, type: 'varve datadir', hash: algorithm, ...CHUNKING });
      assert.match(id as string, /^[0-9a-f]{32}$/);
      assert.equal(fs.readFileSync(join(at, 'store.copy.json'), 'utf8'), text);
    });

    it('every file and folder of a revision, from segments alone', () => {
      const tree = new TreeOfBlocks(segments.blocks, hashOfText(readLines().at(-1)?.tree as string));
      assert.deepEqual([...tree.entries.keys()].sort(), pathsBelow(source));
      for (const [path, entry] of tree.entries) {
        const onDisk = join(source, Buffer.from(path, 'latin1').toString());
        const stat = fs.lstatSync(onDisk, { bigint: true });
        const { mode } = entry;
        const seconds = BigInt.asIntN(64, stat.mtimeNs - BigInt(entry.mtime[1])) / 1_000_000_000n;
        assert.deepEqual(
          [mode, entry.mtime[0], entry.uid, entry.gid],
          [Number(stat.mode), Number(seconds), Number(stat.uid), Number(stat.gid)],
          path,
        );
        if (stat.isFile()) assert.deepEqual(entry.content, fs.readFileSync(onDisk), path);
        if (stat.isSymbolicLink()) assert.equal(entry.content?.toString(), fs.readlinkSync(onDisk));
      }
      const { summary } = tree.entries.get('') ?? {};
      const { files, bytes } = readLines().at(-1) ?? {};
      assert.deepEqual(summary, { files, bytes });
      assert.equal(tree.entries.get('linked')?.identity, tree.entries.get('sub/link')?.identity);
    });

    it('where indirect blocks and nodes of directories end', () => {
      const { nodes } = new TreeOfBlocks(segments.blocks, hashOfText(readLines().at(-1)?.tree as string));
      const seen = { refs: 0, dir: 0 };
      for (const group of nodes) {
        for (const [i, { type, height, children }] of group.entries()) {
          const isLast = i === group.length - 1;
          const firstEnd = children.findIndex((child, n) => n + 1 === 512 || (n + 1 > 32 && endsNode(type, height, child)));
          assert.ok(firstEnd === children.length - 1 || (isLast && firstEnd < 0), `${type} at ${height} of ${children.length}`);
          seen[type]++;
        }
      }
      assert.ok(seen.refs > 5 && seen.dir > 10, JSON.stringify(seen));
    });

    it('the index, which leads to every block', () => {
      const found = new Set<string>();
      for (const file of fs.readdirSync(join(at, 'index')).filter((name) => name.endsWith('.run'))) {
        const { rows, coverage } = readIndexRun(join(at, 'index', file));
        for (const { key, segment, offset, recordBytes, block } of rows) {
          const record = segments.records.get(`${segment}@${offset}`);
          assert.equal(record?.bytes, recordBytes);
          assert.equal(record?.hashes[block]?.slice(0, 40), key);
          found.add(record?.hashes[block] as string);
        }
        for (const [segment, end] of coverage) assert.ok(end <= (segments.sizes.get(segment) ?? 0));
      }
      assert.deepEqual(found, new Set(segments.blocks.keys()));
    });

    it('the lines of an archive and its witness', () => {
      const lines = readLines();
      assert.deepEqual(Object.keys(lines[0] ?? {}), ['varve', 'time', 'tree', 'files', 'bytes', 'host', 'user', 'source', 'check']);
      assert.deepEqual([lines[0]?.varve, lines[0]?.source], [1, fs.realpathSync(source)]);
      const witness = fs.readFileSync(join(at, 'archives/main.varve.tip'), 'latin1');
      assert.equal(witness.length, 64);
      assert.ok(witness.endsWith(' \n'));
      assert.equal(readCheckedJson(witness.trimEnd()).lines, 2);
    });

    it('the file cache', () => {
      const cache = readFileCache(cacheFile);
      const { check: _, ...owner } = cache.owner;
      assert.deepEqual(owner, {
        format: 1,
        store: at,
        source: fs.realpathSync(source),
        observedTimes: false,
        tree: readLines().at(-1)?.tree,
      });
      for (const names of [[], ['sub'], ['sub', 'déjà']]) {
        const entries = cache.directory(names.map(toLatin1));
        const path = join(source, ...names);
        assert.deepEqual([...(entries?.keys() ?? [])].sort(), fs.readdirSync(path).map(toLatin1).sort());
        for (const [name, { signature, files, bytes }] of entries ?? []) {
          const stat = fs.lstatSync(join(path, Buffer.from(name, 'latin1').toString()), { bigint: true });
          if (!stat.isFile()) continue;
          assert.deepEqual([files, BigInt(bytes)], [1, stat.size]);
          // What was written within the last tenth of a second is not trusted, so its signature is all zero.
          if (signature.some((byte) => byte !== 0))
            assert.deepEqual([signature.readBigUInt64LE(16), signature.readBigUInt64LE(24)], [stat.ino, stat.size]);
        }
      }
    });

    it('the session of a user of the store, and the segments that are condemned and wait for it', async () => {
      const lines = readLines();
      const other = new Datadir(at);
      const hold = await other.hold([digestFromText(lines[0]?.tree as string)]);
      const [file = ''] = fs.readdirSync(join(at, 'sessions'));
      assert.match(file, /^[0-9a-f]{32}\.session$/);
      assert.deepEqual(readCheckedJson(fs.readFileSync(join(at, 'sessions', file), 'utf8').trimEnd()).pins, [lines[0]?.tree]);
      await store.close();
      const archive = new Archive(other.archive('main'));
      await dropRevisions(other, archive, (await archive.read()).revisions);
      await hold.release();
      const unpinned = await other.hold();
      await collect(other);
      const [user = ''] = fs.readdirSync(join(at, 'sessions'));
      const condemned = readCheckedJson(fs.readFileSync(join(at, 'condemned.json'), 'utf8').trimEnd());
      assert.deepEqual(condemned.waitFor, [user.slice(0, 32)]);
      assert.deepEqual(new Set(condemned.segments as string[]), new Set(segments.sizes.keys()));
      await unpinned.release();
      await other.close();
    });
  });
}

/** Of every kind of ref and entry that a plain user can make on any file system. */
function makeTree(source: string): void {
  fs.mkdirSync(join(source, 'sub/déjà'), { recursive: true });
  fs.mkdirSync(join(source, 'many'));
  for (let i = 0; i < NAMES; i++) fs.writeFileSync(join(source, 'many', `name ${i}`), `${i}`);
  fs.writeFileSync(join(source, 'large'), randomBytes(1_500_000));
  fs.writeFileSync(join(source, 'runs'), Buffer.concat([randomBytes(9000), Buffer.alloc(50_000, 7), randomBytes(9000)]));
  fs.writeFileSync(join(source, 'text'), 'All of this is text. '.repeat(5000));
  fs.writeFileSync(join(source, 'empty'), '');
  fs.writeFileSync(join(source, 'sub/déjà/vu'), randomBytes(300), { mode: 0o600 });
  fs.writeFileSync(join(source, 'sparse'), 'begins');
  fs.truncateSync(join(source, 'sparse'), 5_000_000);
  fs.writeFileSync(join(source, 'linked'), 'twice');
  fs.linkSync(join(source, 'linked'), join(source, 'sub/link'));
  fs.symlinkSync('sub/nowhere', join(source, 'symlink'));
}

/** The rules of "Indirect blocks" and "Directories", without their bounds on the number of children. */
function endsNode(type: 'refs' | 'dir', height: number, child: string): boolean {
  if (type === 'refs') return child !== '' && (Number.parseInt(child.slice(-2), 16) & 0x7f) === 0;
  let hash = 0x811c9dc5 ^ height;
  for (const byte of Buffer.from(child, 'latin1')) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) & 0x1f) === 0;
}

function pathsBelow(folder: string): string[] {
  return ['', ...fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(toLatin1)].sort();
}

/** Names as the reader has them: a character for each byte. */
function toLatin1(name: string): string {
  return Buffer.from(name).toString('latin1');
}
