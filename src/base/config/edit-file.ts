import { closeSync, fsyncSync, openSync, readFileSync, realpathSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasErrno } from '../errors.ts';
import { makeMissingFolders } from '../make-folders.ts';
import { defaultFile } from './default-file.ts';
import { definitionOf } from './definitions.ts';
import { setInText, unsetInText } from './edit-text.ts';
import { ConfigError } from './errors.ts';
import { expandPath } from './paths.ts';
import { toToml } from './to-toml.ts';
import { fromText, tomlValueOf } from './values.ts';

/**
 * Sets `key` in `file` to what `text` means; undefined takes it out, so that the default holds again. The file is made from the default one when it
 * is missing, keeps its comments, and is replaced as a whole. Throws ConfigError for an unknown key or a value that does not fit, and
 * leaves the file alone.
 */
export function editConfigFile(file: string, key: string, text: string | undefined): void {
  const definition = definitionOf(key);
  if (!definition) throw new ConfigError(key, 'there is no such setting', 'Run: varve config show');
  const before = readOrDefault(file);
  if (text === undefined) return replaceFile(file, unsetInText(before, key));
  try {
    fromText(definition.kind, text, { expand: (path) => expandPath(path, dirname(file), process.env) });
  } catch (error) {
    if (error instanceof RangeError) throw new ConfigError(key, error.message, 'Run: varve config show');
    throw error;
  }
  replaceFile(file, setInText(before, key, toToml(tomlValueOf(definition.kind, text))));
}

/** Makes `file` from the default one unless it exists; tells whether it did. */
export function makeConfigFile(file: string): boolean {
  try {
    readFileSync(file);
    return false;
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
    replaceFile(file, defaultFile());
    return true;
  }
}

function readOrDefault(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return defaultFile();
    throw error;
  }
}

/** Written beside the old one and renamed over it, so that a crash leaves one or the other; through a symbolic link, as dotfiles often are. */
function replaceFile(file: string, text: string): void {
  makeMissingFolders(dirname(file));
  const target = realPathIfThere(file);
  const temporary = `${target}.${process.pid}`;
  try {
    const handle = openSync(temporary, 'w', 0o600);
    try {
      writeSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function realPathIfThere(file: string): string {
  try {
    return realpathSync(file);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return file;
    throw error;
  }
}
