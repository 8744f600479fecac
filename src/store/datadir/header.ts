import fs from 'node:fs';
import path from 'node:path';
import { decodeCheckedJson, encodeCheckedJson, readCheckedJson } from '../../base/checked-json.ts';
import { FormatError, hasErrno, NewerFormatError } from '../../base/errors.ts';
import type { Bounds } from '../../chunk/types.ts';
import { hashByName } from '../../hash/registry.ts';
import type { HashAlgorithm } from '../../hash/types.ts';
import { commitFile, syncFolder } from '../../sys/durable.ts';
import { randomUuid } from '../../sys/random.ts';
import { UnreachableStoreError } from '../errors.ts';
import type { Layout } from './layout.ts';
import { listSegments } from './segment-file.ts';

const FORMAT = 1;

/** What a store says of itself (S2, S30): all that is needed to open it. It never changes. */
export interface StoreHeader {
  /** UUID as 32 hexadecimal digits. */
  readonly id: string;
  readonly hash: HashAlgorithm;
  readonly chunking: Bounds;
}

/**
 * Makes the header of a new store, unless another process does so at the same time: then it is theirs. The appearing of the header is the moment from which the store exists.
 */
export function createHeader(layout: Layout, hash: HashAlgorithm, chunking: Bounds): StoreHeader {
  const id = newId();
  const text = encodeCheckedJson({ format: FORMAT, type: 'varve datadir', id, hash: hash.name, ...chunking });
  commitFile(layout.headerCopy, text);
  if (commitNewFile(layout.header, text)) return { id, hash, chunking };
  const theirs = fs.readFileSync(layout.header, 'utf8');
  commitFile(layout.headerCopy, theirs);
  return parseHeader(decodeCheckedJson(theirs, layout.header));
}

/** Commits a whole file where there is none yet; false when there is. */
function commitNewFile(file: string, text: string): boolean {
  const temporary = `${file}.${newId()}.tmp`;
  commitFile(temporary, text);
  try {
    fs.linkSync(temporary, file);
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return false;
    if (!hasErrno(error, 'EPERM', 'EOPNOTSUPP', 'ENOSYS', 'ENOTSUP')) throw error;
    // A file system without hard links.
    commitFile(file, text);
  } finally {
    fs.rmSync(temporary, { force: true });
  }
  syncFolder(path.dirname(file));
  return true;
}

/** Reads the header, or its copy when that is damaged. Undefined when there is no store. */
export function readHeader(layout: Layout): StoreHeader | undefined {
  try {
    return parseHeader(readCheckedJson(layout.header, layout.header));
  } catch (error) {
    if (hasErrno(error, 'ENOTDIR'))
      throw new UnreachableStoreError(layout.root, 'is not a folder', {
        advice: 'Move away what stands there, or name another place with --store.',
      });
    if (!(error instanceof FormatError) && !hasErrno(error, 'ENOENT')) throw error;
    const isGone = hasErrno(error, 'ENOENT');
    const copy = readCopy(layout);
    // A copy without a header is a store whose making was interrupted, unless it already holds something.
    if (copy !== undefined && (!isGone || fs.existsSync(layout.segments))) return copy;
    if (isGone && (copy !== undefined || listSegments(layout).size === 0)) return undefined;
    const state = isGone ? 'gone' : 'damaged';
    throw new UnreachableStoreError(layout.root, `its header ${layout.header} is ${state}, and the copy beside it is no better`, {
      advice:
        'Put either back from a copy of the store. Without one: make a new store with the same hash (varve init), and move what is in segments and archives here to its own.',
      cause: error,
    });
  }
}

function readCopy(layout: Layout): StoreHeader | undefined {
  try {
    return parseHeader(readCheckedJson(layout.headerCopy, layout.headerCopy));
  } catch (error) {
    if (error instanceof FormatError || hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function parseHeader(value: Record<string, unknown>): StoreHeader {
  const { format, id, hash, minBytes, targetBytes, maxBytes } = value;
  if (typeof format !== 'number') throw new FormatError('store header', 'has no format');
  if (format > FORMAT) throw new NewerFormatError('the store', format, FORMAT);
  if (typeof id !== 'string' || !/^[0-9a-f]{32}$/.test(id) || typeof hash !== 'string')
    throw new FormatError('store header', 'has no id or hash');
  if (typeof minBytes !== 'number' || typeof targetBytes !== 'number' || typeof maxBytes !== 'number') {
    throw new FormatError('store header', 'has no bounds of blocks');
  }
  return { id, hash: hashByName(hash), chunking: { minBytes, targetBytes, maxBytes } };
}

/** A new random UUID as 32 hexadecimal digits. */
export function newId(): string {
  return randomUuid().replaceAll('-', '');
}
