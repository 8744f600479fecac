import fs from 'node:fs';
import { join } from 'node:path';

/** Of these a folder that is saved has one at a time. */
export const VERSIONS = 6;

const versionFolder = (folder: string, version: number) => join(folder, `version ${version}`);
/** What is saved. */
export const sourceOf = (folder: string) => join(folder, 'source');

/**
 * Makes a folder to be saved, and aside what it may hold: versions that share some of their blocks. They are exchanged by renaming, so that files stay as old as they are, and
 * the file cache knows them again.
 */
export function makeVersions(folder: string): void {
  for (let version = 0; version < VERSIONS; version++) {
    const inner = join(versionFolder(folder, version), 'inner');
    fs.mkdirSync(inner, { recursive: true });
    fs.writeFileSync(join(inner, '..', 'which'), String(version));
    for (const part of [version % 2, 2 + (version % 3), 10 + version]) {
      fs.writeFileSync(
        join(inner, part % 2 === 0 ? '..' : '.', `part ${part}`),
        Buffer.alloc(3000, `part ${part} of a file that is saved\n`),
      );
    }
  }
  fs.mkdirSync(sourceOf(folder));
}

/** Puts a version in the place of the one that is there. */
export function putVersion(folder: string, version: number): void {
  const current = join(sourceOf(folder), 'current');
  if (fs.existsSync(current)) {
    const there = Number(fs.readFileSync(join(current, 'which'), 'utf8'));
    if (there === version) return;
    fs.renameSync(current, versionFolder(folder, there));
  }
  fs.renameSync(versionFolder(folder, version), current);
}
