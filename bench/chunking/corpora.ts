import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { corpus, wordsOf } from '../../src/chunk/test-corpus.ts';

/** Files in the order in which they would be saved: all of one release or day before the next. */
export interface Corpus {
  readonly name: string;
  files(): Iterable<CorpusFile>;
}
export interface CorpusFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const CACHE = join(tmpdir(), 'varve-bench-corpora');

const RELEASES: readonly (readonly [string, readonly string[]])[] = [
  ['typescript', ['5.4.5', '5.5.4', '5.6.3', '5.7.3', '5.8.3']],
  ['webpack', ['5.90.0', '5.91.0', '5.93.0', '5.95.0', '5.97.1']],
  ['core-js', ['3.36.0', '3.37.0', '3.38.0', '3.39.0', '3.40.0']],
];

/** Corpora of real files, fetched with `npm pack` at the first use and kept under the temporary folder. */
export function realCorpora(): Corpus[] {
  const corpora: Corpus[] = [];
  for (const [name, versions] of RELEASES) {
    corpora.push({ name: `${name}, 5 releases`, files: () => versions.flatMap((version) => [...filesOf(unpacked(name, version))]) });
  }
  for (const [name, versions] of RELEASES) {
    corpora.push({
      name: `${name}, 5 tars`,
      files: () => versions.map((version) => ({ name: 'package.tar', bytes: tarOf(name, version) })),
    });
  }
  corpora.push({ name: '/usr/lib', files: () => filesOf('/usr/lib', 200_000_000) });
  return [...corpora, ...madeCorpora(1)];
}

/** Corpora made on the spot; `scale` 1 for measuring, less for a smoke run. */
export function madeCorpora(scale: number): Corpus[] {
  return [
    { name: 'log growing, 10 days', files: () => growingLog(4_000_000 * scale) },
    { name: 'SQLite edited, 8 days', files: () => sqliteDays(Math.ceil(60_000 * scale)) },
    { name: 'CSV edited, 8 versions', files: () => edited('table.csv', corpus('csv', 8_000_000 * scale)) },
    { name: 'DNA edited, 8 versions', files: () => edited('genome.txt', corpus('dna', 4_000_000 * scale)) },
  ];
}

/** The bytes of the largest file of a corpus. */
export function largestFile(each: Corpus): Uint8Array {
  let largest: Uint8Array = new Uint8Array(0);
  for (const { bytes } of each.files()) if (bytes.length > largest.length) largest = bytes;
  return largest;
}

/** The folder with the content of a release. */
function unpacked(name: string, version: string): string {
  const folder = join(CACHE, `${name}-${version}`);
  if (existsSync(folder)) return folder;
  const temporary = `${folder}.${process.pid}`;
  mkdirSync(temporary, { recursive: true });
  execFileSync('npm', ['pack', '--silent', '--pack-destination', temporary, `${name}@${version}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const archive = readdirSync(temporary).find((entry) => entry.endsWith('.tgz')) as string;
  execFileSync('tar', ['xzf', join(temporary, archive), '-C', temporary]);
  rmSync(join(temporary, archive));
  renameSync(temporary, folder);
  return folder;
}

function tarOf(name: string, version: string): Uint8Array {
  return execFileSync('tar', ['cf', '-', '--sort=name', '--mtime=@0', '-C', unpacked(name, version), 'package'], { maxBuffer: 1 << 28 });
}

/** Regular files below `folder`, sorted by path, up to `limitBytes` in all. */
function* filesOf(folder: string, limitBytes = Number.POSITIVE_INFINITY): Iterable<CorpusFile> {
  let left = limitBytes;
  for (const path of pathsBelow(folder).sort()) {
    const { size } = statSync(path);
    if (size === 0 || size > 64_000_000 || size > left) continue;
    left -= size;
    yield { name: path.slice(path.lastIndexOf('/') + 1), bytes: readFileSync(path) };
  }
}

/** Paths of regular files. The recursive mode of `readdirSync` would follow symlinks, also in circles. */
function pathsBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? pathsBelow(path) : entry.isFile() ? [path] : [];
  });
}

function* growingLog(dayBytes: number): Iterable<CorpusFile> {
  const whole = corpus('log', Math.ceil(dayBytes * 2));
  for (let day = 1; day <= 10; day++) yield { name: 'service.log', bytes: whole.subarray(0, Math.ceil(dayBytes * (1 + day / 10))) };
}

/** A table with an index; each day some rows are updated, deleted and added. */
function* sqliteDays(rows: number): Iterable<CorpusFile> {
  mkdirSync(CACHE, { recursive: true });
  const path = join(CACHE, `edited-${process.pid}.sqlite`);
  const next = wordsOf(7);
  const database = new DatabaseSync(path);
  const someText = () => Array.from({ length: 4 + (next() % 40) }, () => next().toString(36)).join(' ');
  try {
    database.exec('CREATE TABLE note(id INTEGER PRIMARY KEY, name TEXT, body TEXT); CREATE INDEX by_name ON note(name)');
    const insert = database.prepare('INSERT INTO note(name, body) VALUES (?, ?)');
    const update = database.prepare('UPDATE note SET body = ? WHERE id = ?');
    const remove = database.prepare('DELETE FROM note WHERE id = ?');
    for (let day = 0; day < 8; day++) {
      database.exec('BEGIN');
      for (let row = 0; row < (day === 0 ? rows : rows / 200); row++) insert.run(next().toString(36), someText());
      for (let row = 0; day > 0 && row < rows / 400; row++) update.run(someText(), next() % rows);
      for (let row = 0; day > 0 && row < rows / 1000; row++) remove.run(next() % rows);
      database.exec('COMMIT');
      yield { name: 'notes.sqlite', bytes: readFileSync(path) };
    }
  } finally {
    database.close();
    rmSync(path, { force: true });
  }
}

/** A file, and seven descendants that each got insertions, deletions and replacements of 1 to 64 bytes, one for 80 kB. */
function* edited(name: string, original: Uint8Array): Iterable<CorpusFile> {
  const next = wordsOf(9);
  let bytes = Buffer.from(original);
  yield { name, bytes };
  for (let generation = 0; generation < 7; generation++) {
    const places = Array.from({ length: Math.ceil(original.length / 80_000) }, () => next() % bytes.length).sort((a, b) => a - b);
    const parts: Uint8Array[] = [];
    let at = 0;
    for (const place of places) {
      if (place < at) continue;
      const length = 1 + (next() % 64);
      const kind = next() % 3;
      parts.push(bytes.subarray(at, place));
      if (kind !== 1) parts.push(Buffer.from(next().toString(36).repeat(10).slice(0, length)));
      at = kind === 0 ? place : Math.min(bytes.length, place + length);
    }
    bytes = Buffer.concat([...parts, bytes.subarray(at)]);
    yield { name, bytes };
  }
}
