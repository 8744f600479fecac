import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { corpus, wordsOf } from '../../src/chunk/test-corpus.ts';
import { type Corpus, type CorpusFile, realCorpora } from './corpora.ts';

/** For each format with a scanner, the change that its scanner is meant for, made by the tools that people use. Missing tools throw. */
export function formatCorpora(): Corpus[] {
  const releases = realCorpora();
  const files = (start: string) => [...(releases.find(({ name }) => name.startsWith(start)) as Corpus).files()];
  return [
    { name: 'tar: 5 tars', files: () => files('webpack, 5 tars') },
    { name: 'tar: files, then 5 tars', files: () => [...files('webpack, 5 releases'), ...files('webpack, 5 tars')] },
    { name: 'zip: 5 releases', files: () => inFolder((folder) => zips(folder, files('webpack, 5 tars'))) },
    { name: 'gzip: rotated log members', files: rotatedMembers },
    { name: 'mbox: messages deleted', files: mailboxes },
    { name: 'sqlite: edited in place', files: () => files('SQLite') },
    { name: 'mp3: retagged', files: () => inFolder(retaggedMp3) },
    { name: 'mp4: retagged, fast start', files: () => inFolder(retaggedMp4) },
    { name: 'git-pack: repacked', files: () => inFolder((folder) => packs(folder, files('webpack, 5 tars'))) },
  ];
}

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'varve-bench-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(folder: string, command: string, ...args: string[]): void {
  execFileSync(command, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Unpacks each tar into a folder in turn, and calls `after`. */
function* unpackEach<T>(folder: string, tars: readonly CorpusFile[], after: () => T): Iterable<T> {
  for (const { bytes } of tars) {
    rmSync(join(folder, 'package'), { recursive: true, force: true });
    execFileSync('tar', ['xf', '-', '-C', folder], { input: bytes });
    yield after();
  }
}

function zips(folder: string, tars: readonly CorpusFile[]): CorpusFile[] {
  const zipped = unpackEach(folder, tars, () => {
    rmSync(join(folder, 'p.zip'), { force: true });
    run(folder, 'zip', '-qr', 'p.zip', 'package');
    return { name: 'p.zip', bytes: readFileSync(join(folder, 'p.zip')) };
  });
  return [...zipped];
}

function packs(folder: string, tars: readonly CorpusFile[]): CorpusFile[] {
  run(folder, 'git', 'init', '-q', '.');
  const packed = unpackEach(folder, tars, () => {
    run(folder, 'git', 'add', '-A', 'package');
    run(folder, 'git', '-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '-qm', 'release');
    run(folder, 'git', 'gc', '-q');
    const place = join(folder, '.git', 'objects', 'pack');
    return { name: 'p.pack', bytes: readFileSync(join(place, readdirSync(place).find((name) => name.endsWith('.pack')) as string)) };
  });
  return [...packed];
}

function* rotatedMembers(): Iterable<CorpusFile> {
  const members = Array.from({ length: 20 }, (_, day) => gzipSync(corpus('log', 600_000 + day * 1000, day + 1)));
  for (let first = 0; first <= 10; first++) yield { name: 'service.log.gz', bytes: Buffer.concat(members.slice(first, first + 10)) };
}

/** A mailbox from which messages are removed here and there, and to which others come. */
function* mailboxes(): Iterable<CorpusFile> {
  const next = wordsOf(5);
  const message = (number: number) => {
    const body = Array.from({ length: 20 + (next() % 3000) }, () => next().toString(36))
      .join(' ')
      .replaceAll(/(.{60,72}) /g, '$1\n');
    return `From a${number}@example.org Thu Nov 20 10:00:00 2026\nFrom: a${number}@example.org\nSubject: ${number}\n\n${body}\n\n`;
  };
  let messages = Array.from({ length: 600 }, (_, number) => message(number));
  for (let day = 0; day < 8; day++) {
    yield { name: 'inbox.mbox', bytes: Buffer.from(messages.join('')) };
    messages = messages.filter(() => next() % 20 !== 0).concat(Array.from({ length: 20 }, (_, number) => message(1000 * day + number)));
  }
}

const NOISE = ['-f', 'lavfi', '-i', 'anoisesrc=duration=30:sample_rate=44100:seed=1'];

function retaggedMp3(folder: string): CorpusFile[] {
  return ['A', 'A longer title', 'Another title altogether, and longer'].map((title) => {
    run(folder, 'ffmpeg', '-v', 'error', '-y', ...NOISE, '-metadata', `title=${title}`, 'out.mp3');
    return { name: 'out.mp3', bytes: readFileSync(join(folder, 'out.mp3')) };
  });
}

function retaggedMp4(folder: string): CorpusFile[] {
  run(folder, 'ffmpeg', '-v', 'error', ...NOISE, '-c:a', 'aac', 'first.m4a');
  const versions = [
    [],
    ['-metadata', 'title=A title'],
    ['-movflags', '+faststart'],
    ['-movflags', '+faststart', '-metadata', 'title=Another title'],
  ];
  return versions.map((options) => {
    run(folder, 'ffmpeg', '-v', 'error', '-y', '-i', 'first.m4a', '-c', 'copy', ...options, 'out.m4a');
    return { name: 'out.m4a', bytes: readFileSync(join(folder, 'out.m4a')) };
  });
}
