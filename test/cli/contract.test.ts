/** What scripts depend on, tried from outside: one process for each command. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type VarveRun, varve } from '../support/varve.ts';

describe('the contract of the commands', () => {
  let top: string;
  let docs: string;
  const run = (...args: string[]): VarveRun => varve(join(top, 'home'), args, { cwd: top });
  const lines = (text: string) => text.trimEnd().split('\n');
  const json = (text: string) => lines(text).map((line) => JSON.parse(line));

  before(() => {
    top = mkdtempSync(join(tmpdir(), 'varve-contract-'));
    docs = join(top, 'docs');
    mkdirSync(join(docs, 'letters'), { recursive: true });
    writeFileSync(join(docs, 'README.md'), 'hello\n');
    writeFileSync(join(docs, 'letters/one.txt'), 'Dear one\n'.repeat(1000));
    assert.equal(run('save', 'docs').status, 0);
    writeFileSync(join(docs, 'README.md'), 'hello again\n');
    assert.equal(run('save', docs, '--archive', 'docs', '--note', 'second').status, 0);
  });

  after(() => rmSync(top, { recursive: true, force: true }));

  it('save prints the digest of the tree as the last word of its last line', () => {
    const { stdout, status } = run('save', 'docs', '--archive', 'words');
    assert.equal(status, 0);
    assert.match(lines(stdout).at(-1)?.split(' ').at(-1) ?? '', /^blake3:[0-9a-f]{64}$/);
  });

  it('save --json prints one object, and the same tree for the same files', () => {
    const reports = ['a', 'b'].map((archive) => json(run('save', 'docs', '--archive', archive, '--json').stdout));
    assert.ok(reports.every((objects) => objects.length === 1));
    const [[first], [second]] = reports as [[Record<string, unknown>], [Record<string, unknown>]];
    for (const field of ['tree', 'archive', 'time', 'files', 'bytes', 'newBytes', 'storedBytes', 'errors'])
      assert.ok(field in first, field);
    assert.deepEqual([first.archive, first.files, first.bytes, first.errors], ['a', 2, 9012, []]);
    assert.equal(first.tree, second.tree);
  });

  it('save --quiet prints the digest and nothing else', () => {
    assert.match(run('save', 'docs', '--archive', 'quiet', '--quiet').stdout, /^blake3:[0-9a-f]{64}\n$/);
  });

  it('save --dry-run adds no revision', () => {
    assert.equal(run('save', 'docs', '--archive', 'dry', '--dry-run').status, 0);
    assert.equal(run('log', 'dry').status, 1);
  });

  it('save leaves out what is to be excluded, by option and by .varveignore', () => {
    writeFileSync(join(docs, '.varveignore'), 'letters/\n');
    const archive = ['--archive', 'less'];
    assert.equal(run('save', 'docs', ...archive, '--exclude', 'READ*').status, 0);
    assert.equal(run('ls', '-R', 'less').stdout, '.varveignore\n');
    assert.equal(run('save', 'docs', ...archive, '--no-ignore-files').status, 0);
    rmSync(join(docs, '.varveignore'));
    assert.equal(run('ls', '-R', 'less').stdout, '.varveignore\nREADME.md\nletters\nletters/one.txt\n');
  });

  it('restore puts an older revision into a folder', () => {
    const { status } = run('restore', 'docs@~1', 'old');
    assert.equal(status, 0);
    assert.equal(readFileSync(join(top, 'old/README.md'), 'utf8'), 'hello\n');
  });

  it('restore --dry-run lists what it would do, and does nothing', () => {
    const { stdout, status } = run('restore', 'docs', 'never', '--dry-run');
    assert.equal(status, 0);
    assert.deepEqual(lines(stdout).sort(), ['+ README.md', '+ letters', '+ letters/one.txt'].sort());
    assert.throws(() => readFileSync(join(top, 'never/README.md')), { code: 'ENOENT' });
  });

  it('restore tells a script what it did', () => {
    const [report] = json(run('restore', 'docs:/letters', 'letters', '--json').stdout);
    assert.deepEqual([report.files, report.bytes, report.created, report.errors], [1, 9000, 1, []]);
  });

  it('ls prints the names of a folder', () => {
    assert.equal(run('ls', 'docs').stdout, 'README.md\nletters\n');
    assert.equal(run('ls', 'docs:/letters').stdout, 'one.txt\n');
    assert.equal(run('ls', 'docs:/letters/one.txt').stdout, 'one.txt\n');
  });

  it('ls -l shows mode, size, and time', () => {
    assert.match(run('ls', '-l', 'docs').stdout, /^-rw.{8} +\S+ +\S+ +12 \d{4}-\d\d-\d\d \d\d:\d\d README\.md\ndrw.* 9000 .* letters\n$/);
  });

  it('ls --json prints an object for each entry, its time to the nanosecond', () => {
    const entries = json(run('ls', 'docs', '-R', '--json').stdout);
    assert.deepEqual(
      entries.map(({ path, kind }) => [path, kind]),
      [
        ['README.md', 'file'],
        ['letters', 'directory'],
        ['letters/one.txt', 'file'],
      ],
    );
    assert.match(entries[0].mtime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    assert.equal(entries[0].size, 12);
    assert.equal(entries[1].bytes, 9000);
  });

  it('cat prints the bytes of files, or a part of them', () => {
    assert.equal(run('cat', 'docs@~1:/README.md', 'docs:/README.md').stdout, 'hello\nhello again\n');
    assert.equal(run('cat', 'docs:/README.md', '--offset', '6', '--length', '3').stdout, 'aga');
  });

  it('cat of a folder fails and says how to list it', () => {
    const { status, stderr } = run('cat', 'docs:/letters');
    assert.equal(status, 1);
    assert.match(stderr, /directory\nList it with: varve ls/);
  });

  it('find prints the paths that match', () => {
    assert.equal(run('find', 'docs', '*.txt').stdout, 'letters/one.txt\n');
    assert.equal(run('find', 'docs', 'readme', '--regex', '--ignore-case').stdout, 'README.md\n');
    assert.equal(run('find', 'docs', '--min-size', '1KiB').stdout, 'letters/one.txt\n');
    assert.equal(run('find', 'docs', '--kind', 'directory').stdout, 'letters\n');
  });

  it('diff prints a sign and a path for each change', () => {
    assert.equal(run('diff', 'docs@~1', 'docs').stdout, 'M README.md\n');
    const [change] = json(run('diff', 'docs@~1', 'docs', '--json').stdout);
    assert.deepEqual([change.kind, change.path, change.before.size, change.after.size], ['modified', 'README.md', 6, 12]);
  });

  it('diff compares with a folder on disk, and shows changes of text', () => {
    const { stdout, status } = run('diff', 'docs@~1', './docs', '--content');
    assert.equal(status, 0);
    assert.match(stdout, /^M README\.md\n--- a\/README\.md\n\+\+\+ b\/README\.md\n@@ -1 \+1 @@\n-hello\n\+hello again\n$/);
  });

  it('log of an archive lists its revisions, newest first', () => {
    const revisions = json(run('log', 'docs', '--json').stdout);
    assert.deepEqual(
      revisions.map(({ back }) => back),
      [...revisions.keys()],
    );
    assert.equal(revisions.at(-2).note, 'second');
    assert.equal(lines(run('log', 'docs').stdout).length, revisions.length + 1);
  });

  it('log of a path tells what happened to it', () => {
    const events = json(run('log', 'docs:/README.md', '--json').stdout);
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['modified', 'created'],
    );
  });

  it('du tells what is unique to a revision', () => {
    const folders = json(run('du', 'docs@~1', '--json').stdout);
    assert.deepEqual(
      folders.map(({ path, files, bytes }) => [path, files, bytes]),
      [
        ['letters', 1, 9000],
        ['.', 2, 9006],
      ],
    );
    assert.ok(folders[1].uniqueBytes < 9000);
  });

  it('archives lists archives with their newest revision', () => {
    const archive = json(run('archives', '--json').stdout).find((each) => each.archive === 'docs');
    assert.equal(archive.files, 2);
    assert.equal(archive.source, docs);
  });

  it('tag gives a revision a name that references understand', () => {
    assert.equal(run('tag', 'docs@~1', 'first', '--pin').status, 0);
    assert.equal(run('cat', 'docs@first:/README.md').stdout, 'hello\n');
    assert.equal(run('tag', 'docs@first', '--remove', 'first', '--unpin').status, 0);
    assert.equal(run('cat', 'docs@first:/README.md').status, 2);
  });

  it('stats prints figures of the store, and of how files would be cut', () => {
    const [figures] = json(run('stats', '--json').stdout);
    assert.ok(figures.blocks > 0 && figures.diskBytes >= figures.storedBytes);
    const [chunks] = json(run('stats', '--chunks', 'docs', '--json').stdout);
    assert.deepEqual([chunks.files, chunks.bytes], [2, 9012]);
  });

  it('verify says that the store is whole', () => {
    const { status, stdout } = run('verify');
    assert.equal(status, 0);
    assert.equal(lines(stdout).at(-1), 'Everything is whole.');
  });
});
