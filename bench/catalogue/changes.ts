import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from '../measure.ts';
import type { Follower } from './followers/types.ts';

/** How much is changed at once. */
export interface ChangesSize {
  /** Files of the burst. */
  readonly burst: number;
  /** Files of the git repository, of which each checkout changes most. */
  readonly repository: number;
  /** Files of the archive. */
  readonly archive: number;
}

/** Work that other programs do in a folder, as people have them do it. */
export interface Change {
  readonly name: string;
  readonly script: string;
}

const FILES_A_DIRECTORY = 20;

/** Brings a folder into the state in which the changes begin; the archive is put beside it, into `outside`. */
export function prepare(folder: string, outside: string, { repository, archive }: ChangesSize): void {
  makeRepository(join(folder, 'repository'), repository);
  const packed = join(outside, 'packed');
  makeFiles(packed, archive, 'content of');
  execFileSync('tar', ['-cf', join(outside, 'archive.tar'), '-C', outside, 'packed']);
  rmSync(packed, { recursive: true });
}

/** In the order in which they are made. `$0` is the folder, `$1` the one with the archive. */
export function changes({ burst, repository, archive }: ChangesSize): Change[] {
  const checkout = (branch: string) => `git -C "$0/repository" checkout -q ${branch}`;
  return [
    { name: `${burst} files made by touch`, script: `mkdir "$0/burst" && cd "$0/burst" && seq ${burst} | xargs touch` },
    { name: 'their modes changed', script: `cd "$0/burst" && seq ${burst} | xargs chmod 600` },
    { name: 'their folder removed', script: 'rm -r "$0/burst"' },
    { name: `git checkout, ${repository} files`, script: checkout('other') },
    { name: 'git checkout back', script: checkout('one') },
    { name: `${archive} files unpacked by tar`, script: 'tar -xf "$1/archive.tar" -C "$0"' },
    { name: 'their tree renamed', script: 'mv "$0/packed" "$0/repository/moved"' },
    { name: 'their tree removed', script: 'rm -r "$0/repository/moved"' },
  ];
}

/** Has a change made, and measures from its end to when the follower knows all of it. */
export async function measureChange(follower: Follower, { script }: Change, folder: string, outside: string): Promise<number> {
  await runToEnd({ argv: ['sh', '-c', script, folder, outside] });
  const end = performance.now();
  await follower.sync();
  return performance.now() - end;
}

/** Two branches far apart: of the files of one the other has two thirds with another content, a sixth under another name, and a sixth it has not. */
function makeRepository(folder: string, files: number): void {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=bench', '-c', 'user.email=bench@localhost', '-c', 'gc.auto=0', ...args], {
      stdio: 'pipe',
    });
  const paths = makeFiles(folder, files, 'first content of');
  git('init', '-q', '-b', 'one');
  git('add', '.');
  git('commit', '-q', '-m', 'one');
  git('checkout', '-q', '-b', 'other');
  for (const [i, path] of paths.entries()) {
    if (i % 6 === 0) rmSync(path);
    else if (i % 6 === 1) renameSync(path, `${path}.moved`);
    else appendFileSync(path, 'and other content\n');
  }
  git('add', '-A');
  git('commit', '-q', '-m', 'other');
  git('checkout', '-q', 'one');
}

function makeFiles(folder: string, count: number, content: string): string[] {
  return Array.from({ length: count }, (_, i) => {
    const number = Math.floor(i / FILES_A_DIRECTORY);
    const directory = join(folder, `group-${Math.floor(number / FILES_A_DIRECTORY)}`, `part-${number}`);
    if (i % FILES_A_DIRECTORY === 0) mkdirSync(directory, { recursive: true });
    const path = join(directory, `file-${i}`);
    writeFileSync(path, `${content} ${i}\n`);
    return path;
  });
}
