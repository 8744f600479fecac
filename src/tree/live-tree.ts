import fs from 'node:fs';
import { SystemError } from '../base/errors.ts';
import { type ByteName, nameFromBytes, nameToBytes, showName } from '../base/names.ts';
import type { RangeOptions } from '../block/ref-reader.ts';
import { Stat } from '../sys/stat.ts';
import { system } from '../sys/system.ts';
import type { Directory } from '../sys/types.ts';
import { CACHE_TAG_NAME, Exclusion, isCache } from './save/exclusion.ts';
import { Owners } from './save/owners.ts';
import { readXattrs } from './save/xattrs.ts';
import type { SaveOptions } from './types.ts';
import { joinPath, lastName, NotAFileError, parentPath, type TreeView, type ViewEntry } from './view.ts';

/** What a save would leave out is left out of the view, given the same options. */
export type LiveTreeOptions = Pick<SaveOptions, 'excludes' | 'excludeFrom' | 'ignoreFiles' | 'skipCaches'>;

const TOP = '' as ByteName;
const SELF = '.' as ByteName;
const BATCH_ENTRIES = 256;
const READ_BYTES = 256 << 10;

/**
 * A file or directory on disk as a tree, for comparing with what was saved. Everything is reached beneath the directory that was opened
 * first, never through a symbolic link; what vanishes while it is listed is left out. Throws SystemError for what cannot be read: a partial
 * answer would look like deletions.
 */
export class LiveTree implements TreeView, Disposable {
  readonly root: ViewEntry;
  readonly #top: Directory;
  /** The name of the file that is the top; `.` when the top is a directory. */
  readonly #self: ByteName;
  readonly #options: LiveTreeOptions;
  readonly #owners = new Owners();
  readonly #stat = new Stat();
  /** Rules for directories that were seen and are yet to be listed. */
  readonly #exclusions = new Map<ByteName, Exclusion>();

  /** Opens any path; symbolic links that lead to it are followed. `close` releases it. */
  constructor(file: ByteName, options: LiveTreeOptions = {}) {
    this.#options = options;
    const { folder, self } = locate(file);
    this.#self = self;
    using opened = new DisposableStack();
    this.#top = opened.use(system().openDirectory(folder));
    if (!this.#top.stat(self, this.#stat)) throw new SystemError('ENOENT', 'stat', showName(file));
    this.root = this.#entry(this.#top, self, TOP);
    opened.move();
    this.#exclusions.set(TOP, Exclusion.fromOptions(options));
  }

  async *entries(_directory: ViewEntry, at: ByteName, signal?: AbortSignal): AsyncGenerator<readonly ViewEntry[]> {
    using directory = this.#top.resolve(at);
    const { exclusion, names } = this.#list(directory, at);
    let batch: ViewEntry[] = [];
    for (const name of names) {
      if (!directory.stat(name, this.#stat)) continue;
      const isDirectory = this.#stat.kind === 'directory';
      const child = joinPath(at, name);
      if (this.#stat.kind === undefined || exclusion.excludes(isDirectory ? `${child}/` : child)) continue;
      if (isDirectory) this.#exclusions.set(child, exclusion);
      batch.push(this.#entry(directory, name, name));
      if (batch.length < BATCH_ENTRIES) continue;
      yield batch;
      signal?.throwIfAborted();
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  async *read(file: ViewEntry, at: ByteName, range: RangeOptions = {}): AsyncGenerator<Uint8Array> {
    if (file.kind !== 'file') throw new NotAFileError(showName(at), file.kind);
    using directory = this.#top.resolve(parentPath(at));
    const fd = directory.openFile(at === '' ? this.#self : lastName(at), 'read');
    try {
      const end = (range.offset ?? 0) + (range.length ?? Number.POSITIVE_INFINITY);
      for (let position = range.offset ?? 0; position < end; ) {
        range.signal?.throwIfAborted();
        const bytes = Buffer.allocUnsafe(Math.min(READ_BYTES, end - position));
        const got = system().read(fd, bytes, position);
        if (got === 0) return;
        yield bytes.subarray(0, got);
        position += got;
      }
    } finally {
      system().closeFile(fd);
    }
  }

  close(): void {
    this.#top.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #list(directory: Directory, at: ByteName): { exclusion: Exclusion; names: readonly ByteName[] } {
    const { names } = directory.entries();
    const outer = this.#exclusions.get(at) ?? Exclusion.fromOptions(this.#options);
    this.#exclusions.delete(at);
    const exclusion = outer.enter(directory, names, () => (at === '' ? '' : `${at}/`));
    if (this.#options.skipCaches !== false && isCache(directory, names)) return { exclusion, names: [CACHE_TAG_NAME] };
    return { exclusion, names: names.sort() };
  }

  /** The entry of what `#stat` was just filled from. */
  #entry(directory: Directory, file: ByteName, name: ByteName): ViewEntry {
    const { kind, mode, mtime, uid, gid, size, deviceMajor, deviceMinor } = this.#stat;
    if (kind === undefined) throw new SystemError('EOPNOTSUPP', 'stat', showName(file));
    const xattrs = readXattrs(directory, file);
    return {
      name,
      kind,
      mode: kind === 'symlink' ? 0o777 : mode,
      owner: this.#owners.of(uid, gid),
      mtime,
      ...(kind === 'file' && { size }),
      ...(kind === 'symlink' && { target: directory.readLink(file) }),
      ...((kind === 'character' || kind === 'block') && { device: { major: deviceMajor, minor: deviceMinor } }),
      ...(xattrs !== undefined && { xattrs }),
    };
  }
}

/** The directory to be opened for a path, and the name beneath it: `.` for a directory. */
function locate(file: ByteName): { folder: ByteName; self: ByteName } {
  try {
    const real = nameFromBytes(fs.realpathSync.native(nameToBytes(file), 'buffer'));
    if (fs.statSync(nameToBytes(real)).isDirectory()) return { folder: real, self: SELF };
    return { folder: parentPath(real) || ('/' as ByteName), self: lastName(real) };
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code;
    if (errno === undefined) throw error;
    throw new SystemError(errno, 'open', showName(file), { cause: error });
  }
}
