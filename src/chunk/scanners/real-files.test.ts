import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { scratchFolder, skipUnless } from '../../../test/support/scratch.ts';
import { cutPieces } from '../cut.ts';
import { corpus } from '../test-corpus.ts';
import type { Piece } from '../types.ts';
import { anyScanner } from './registry.ts';

const bounds = { minBytes: 1024, targetBytes: 4096, maxBytes: 16384 };

function pieces(name: string, bytes: Uint8Array): Piece[] {
  return cutPieces(bytes, bounds, { scanners: anyScanner, hint: { name } });
}

/** A key that is equal for pieces of equal content. */
function contentKey(piece: Piece): string {
  return piece.kind === 'run' ? `run ${piece.byte} ${piece.size}` : Buffer.from(piece.bytes).toString('latin1');
}

/** How many pieces of `second` do not occur in `first`. */
function newPieces(first: readonly Piece[], second: readonly Piece[]): number {
  const known = new Set(first.map(contentKey));
  return second.filter((piece) => !known.has(contentKey(piece))).length;
}

function offsets(all: readonly Piece[]): Set<number> {
  return new Set(all.map((piece) => piece.offset));
}

/** A folder with files of several sizes, for archives. */
function sources(context: TestContext): { folder: string; files: Uint8Array[] } {
  const folder = scratchFolder(context);
  mkdirSync(join(folder, 'in'));
  const files = [40_000, 30, 5000, 2000, 70_000].map((size, index) => corpus('random', size, index + 1));
  for (const [index, bytes] of files.entries()) writeFileSync(join(folder, 'in', `file-${index}-${'long'.repeat(30)}`), bytes);
  return { folder, files };
}

function run(folder: string, command: string, ...args: string[]): Buffer {
  return execFileSync(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26 });
}

/** Ends a test that needs a program that is not here. */
function lacks(context: TestContext, program: string): boolean {
  return skipUnless(context, spawnSync(program, ['-version']).error === undefined, `${program} is not installed`);
}

for (const format of ['gnu', 'pax'] as const) {
  test(`the blocks of a file in a ${format} tar are those of the file by itself`, (context) => {
    if (lacks(context, 'tar')) return;
    const { folder, files } = sources(context);
    const archive = pieces('all.tar', run(folder, 'tar', 'cf', '-', `--format=${format}`, '--sort=name', 'in'));
    for (const file of files.filter(({ length }) => length >= bounds.minBytes)) assert.equal(newPieces(archive, pieces('file', file)), 0);
  });
}

test('entries of a zip keep their blocks when an entry before them changes', (context) => {
  if (lacks(context, 'zip')) return;
  const { folder } = sources(context);
  run(folder, 'zip', '-qr', 'first.zip', 'in');
  const changed = join(folder, 'in', readdirSync(join(folder, 'in')).sort()[0] as string);
  appendFileSync(changed, corpus('random', 100_000, 9));
  run(folder, 'zip', '-qr', 'second.zip', 'in');
  const [first, second] = ['first.zip', 'second.zip'].map((name) => readFileSync(join(folder, name)));
  assert.ok(first && second);
  const entry = second.lastIndexOf(Uint8Array.of(0x50, 0x4b, 0x03, 0x04));
  const data = entry + 30 + second.readUInt16LE(entry + 26) + second.readUInt16LE(entry + 28);
  assert.ok(offsets(pieces('second.zip', second)).has(data));
});

test('each member of a gzip file begins a block', (context) => {
  if (lacks(context, 'gzip')) return;
  const { folder, files } = sources(context);
  const names = readdirSync(join(folder, 'in')).filter((_, index) => (files[index]?.length ?? 0) >= bounds.minBytes);
  const members = names.map((name) => run(join(folder, 'in'), 'gzip', '-c', name));
  const found = offsets(pieces('all.gz', Buffer.concat(members)));
  let at = 0;
  for (const member of members) {
    assert.ok(found.has(at), `no block begins at ${at}`);
    at += member.length;
  }
});

test('a mailbox without one of its messages has no new blocks but where it was', () => {
  const message = (number: number) =>
    `From a@example.org Thu Nov 20 10:00:00 2026\nSubject: ${number}\n\n${Buffer.from(corpus('log', 3000, number + 1)).toString()}\n\n`;
  const messages = Array.from({ length: 30 }, (_, number) => message(number));
  const all = pieces('inbox', Buffer.from(messages.join('')));
  const fewer = pieces('inbox', Buffer.from(messages.toSpliced(12, 1).join('')));
  assert.equal(newPieces(all, fewer), 0);
});

test('a changed row of a database changes few blocks, all at pages', (context) => {
  const path = join(scratchFolder(context), 'a.db');
  const database = new DatabaseSync(path);
  context.after(() => database.close());
  database.exec('CREATE TABLE t(id INTEGER PRIMARY KEY, text TEXT)');
  const insert = database.prepare('INSERT INTO t(text) VALUES (?)');
  database.exec('BEGIN');
  for (let row = 0; row < 5000; row++) insert.run(`row ${row} ${'text '.repeat(row % 40)}`);
  database.exec('COMMIT');
  const before = pieces('a.db', readFileSync(path));
  database.exec("UPDATE t SET text = 'other' WHERE id = 2500");
  const after = pieces('a.db', readFileSync(path));
  assert.ok(newPieces(before, after) <= 2, 'the page of the row, and the first page with its change counter');
  assert.ok(after.every((piece) => piece.offset % 4096 === 0));
});

test('another tag leaves the sound of an MP3 its blocks', (context) => {
  if (lacks(context, 'ffmpeg')) return;
  const folder = scratchFolder(context);
  const [first, second] = ['Short', 'Another title that is rather longer'].map((title) => {
    const noise = 'anoisesrc=duration=10:sample_rate=44100:seed=1';
    run(folder, 'ffmpeg', '-v', 'error', '-y', '-f', 'lavfi', '-i', noise, '-write_id3v1', '1', '-metadata', `title=${title}`, 'a.mp3');
    return pieces('a.mp3', readFileSync(join(folder, 'a.mp3')));
  });
  assert.ok(first && second && first.length > 10);
  assert.ok(newPieces(first, second) <= 2, 'the tags before and after the sound');
});

test('moving the index of an MP4 to the front leaves its media their blocks', (context) => {
  if (lacks(context, 'ffmpeg')) return;
  const folder = scratchFolder(context);
  const noise = 'anoisesrc=duration=10:sample_rate=44100:seed=1';
  run(folder, 'ffmpeg', '-v', 'error', '-f', 'lavfi', '-i', noise, '-c:a', 'aac', 'a.m4a');
  run(folder, 'ffmpeg', '-v', 'error', '-i', 'a.m4a', '-c', 'copy', '-movflags', '+faststart', '-metadata', 'title=A title', 'b.m4a');
  const [first, second] = ['a.m4a', 'b.m4a'].map((name) => readFileSync(join(folder, name)));
  assert.ok(first && second);
  const mediaAt = second.indexOf('mdat') + 4;
  const media = pieces('b.m4a', second).filter((piece) => piece.offset >= mediaAt);
  assert.ok(media.length > 5);
  assert.equal(newPieces(pieces('a.m4a', first), media), 0);
});

test('large objects of a git pack begin blocks', (context) => {
  if (lacks(context, 'git')) return;
  const { folder } = sources(context);
  run(folder, 'git', 'init', '-q', '.');
  run(folder, 'git', 'add', 'in');
  run(folder, 'git', '-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '-qm', 'first');
  run(folder, 'git', 'gc', '-q');
  const place = join(folder, '.git', 'objects', 'pack');
  const name = readdirSync(place).find((entry) => entry.endsWith('.pack')) as string;
  const found = [...offsets(pieces(name, readFileSync(join(place, name))))];
  const objects = run(place, 'git', 'verify-pack', '-v', name.replace('.pack', '.idx'))
    .toString()
    .matchAll(/^\w{40} blob +\d+ (\d+) (\d+)$/gm);
  const large = [...objects]
    .map((line) => ({ packedBytes: Number(line[1]), offset: Number(line[2]) }))
    .filter(({ packedBytes }) => packedBytes >= bounds.minBytes);
  assert.ok(large.length >= 3);
  // A boundary stands at the stream of the object after a large one: a few bytes of header on.
  for (const { offset, packedBytes } of large.slice(0, -1)) {
    const next = offset + packedBytes;
    assert.ok(
      found.some((at) => at > next && at <= next + 24),
      `no boundary after the object at ${offset}`,
    );
  }
});
