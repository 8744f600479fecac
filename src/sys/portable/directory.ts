import * as fs from 'node:fs';
import { SystemError } from '../../base/errors.ts';
import { type ByteName, nameToBytes, showName } from '../../base/names.ts';
import { fromNodeError } from '../errno.ts';
import { checkOwner } from '../owner-number.ts';
import type { PackedEntries } from '../packed-entries.ts';
import { relativeComponents } from '../single-name.ts';
import { kindOfType, Stat } from '../stat.ts';
import type { Directory, Entries, OpenHow, RenameHow, Time } from '../types.ts';
import { fromNode, isWindows, join, toNode } from './path.ts';
import { statPath } from './stat.ts';
import { toNodeTime } from './times.ts';

// Windows lacks these two: its links are found by a look beforehand, and its files never make one wait.
const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants as Partial<typeof fs.constants>;
const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_APPEND } = fs.constants;
const OPEN_HOW: Record<OpenHow, number> = {
  read: O_RDONLY | O_NONBLOCK,
  write: O_WRONLY,
  readWrite: O_RDWR,
  createExclusive: O_RDWR | O_CREAT | O_EXCL,
  create: O_RDWR | O_CREAT,
  append: O_WRONLY | O_CREAT | O_APPEND,
};

const stat = new Stat();

/** A directory known by its path, which is looked at before use but can be swapped between that look and the use. */
export class PortableDirectory implements Directory {
  readonly handle: ByteName;

  constructor(path: ByteName) {
    this.handle = path;
  }

  close(): void {}
  [Symbol.dispose](): void {}

  openDirectory(name: ByteName): PortableDirectory {
    const path = join(this.handle, name);
    if (this.#kind(path) !== 'directory')
      throw new SystemError(this.#kind(path) === undefined ? 'ENOENT' : 'ENOTDIR', 'open', showName(path));
    return new PortableDirectory(path);
  }

  openParent(): PortableDirectory {
    return openPortableDirectory(`${this.handle}/..` as ByteName);
  }

  resolve(path: ByteName): PortableDirectory {
    let directory: PortableDirectory = new PortableDirectory(this.handle);
    for (const name of relativeComponents(path)) directory = directory.openDirectory(name);
    return directory;
  }

  openFile(name: ByteName, how: OpenHow, mode = 0o666): number {
    const path = join(this.handle, name);
    if (O_NOFOLLOW === 0 && this.#kind(path) === 'symlink') throw new SystemError('ELOOP', 'open', showName(path));
    return attempt(path, () => fs.openSync(toNode(path), OPEN_HOW[how] | O_NOFOLLOW, mode));
  }

  entries(): Entries {
    const found = attempt(this.handle, () => fs.readdirSync(toNode(this.handle), { withFileTypes: true, encoding: 'buffer' }));
    const names = found.map((entry) => fromNode(entry.name));
    return { names, types: Uint8Array.from(found, (entry, index) => typeOf(entry) || this.#typeByStat(names[index] as ByteName)) };
  }

  statEntries(into: PackedEntries, onFailure: (name: ByteName, error: SystemError) => void): void {
    for (const name of this.entries().names) {
      try {
        if (this.stat(name, stat)) into.add(stat.bytes, nameToBytes(name), 0, name.length);
      } catch (error) {
        if (!(error instanceof SystemError)) throw error;
        onFailure(name, error);
      }
    }
  }

  openFiles(
    visit: (fd: number, stat: Stat, names: Uint8Array, from: number, to: number) => boolean,
    onFailure: (name: ByteName, error: SystemError) => void,
  ): ByteName[] {
    const { names, types } = this.entries();
    for (const [i, name] of names.entries()) {
      if (kindOfType(types[i] as number) !== 'file') continue;
      try {
        if (!this.stat(name, stat)) continue;
        const fd = this.#openToRead(name) ?? -1;
        let isTaken = false;
        try {
          isTaken = visit(fd, stat, nameToBytes(name), 0, name.length);
        } finally {
          if (fd >= 0 && !isTaken) fs.closeSync(fd);
        }
      } catch (error) {
        if (!(error instanceof SystemError)) throw error;
        onFailure(name, error);
      }
    }
    return names.filter((_, i) => kindOfType(types[i] as number) === 'directory');
  }

  #openToRead(name: ByteName): number | undefined {
    try {
      return this.openFile(name, 'read');
    } catch (error) {
      if (error instanceof SystemError) return undefined;
      throw error;
    }
  }

  stat(name: ByteName, into: Stat): boolean {
    const path = join(this.handle, name);
    return attempt(path, () => statPath(path, into));
  }

  readLink(name: ByteName): ByteName {
    const path = join(this.handle, name);
    return attempt(path, () => fromNode(fs.readlinkSync(toNode(path), 'buffer')));
  }

  makeDirectory(name: ByteName, mode = 0o777): void {
    const path = join(this.handle, name);
    attempt(path, () => fs.mkdirSync(toNode(path), { mode }));
  }

  symlink(target: ByteName, name: ByteName): void {
    const path = join(this.handle, name);
    if (target.includes('\0')) throw new SystemError('EINVAL', 'symlink', showName(path));
    attempt(path, () => fs.symlinkSync(toNode(target), toNode(path)));
  }

  link(fromDirectory: Directory, fromName: ByteName, name: ByteName): void {
    const path = join(this.handle, name);
    attempt(path, () => fs.linkSync(toNode(join(pathOf(fromDirectory), fromName)), toNode(path)));
  }

  makeNode(name: ByteName): never {
    return unsupported('mknod', join(this.handle, name));
  }

  remove(name: ByteName): void {
    const path = join(this.handle, name);
    attempt(path, () => fs.unlinkSync(toNode(path)));
  }

  removeDirectory(name: ByteName): void {
    const path = join(this.handle, name);
    attempt(path, () => fs.rmdirSync(toNode(path)));
  }

  rename(name: ByteName, toDirectory: Directory, toName: ByteName, how: RenameHow = 'replace'): void {
    const from = join(this.handle, name);
    const to = join(pathOf(toDirectory), toName);
    if (how === 'exchange') unsupported('rename', from);
    if (how === 'noReplace' && this.#kind(to) !== undefined) throw new SystemError('EEXIST', 'rename', showName(to));
    attempt(from, () => fs.renameSync(toNode(from), toNode(to)));
  }

  setTimes(name: ByteName, mtime: Time, atime?: Time): void {
    const path = join(this.handle, name);
    attempt(path, () => {
      if (atime === undefined) statPath(path, stat);
      fs.lutimesSync(toNode(path), toNodeTime(atime ?? stat.atime), toNodeTime(mtime));
    });
  }

  setMode(name: ByteName, mode: number): void {
    const path = join(this.handle, name);
    if (this.#kind(path) === 'symlink') unsupported('chmod', path);
    attempt(path, () => fs.chmodSync(toNode(path), mode));
  }

  setOwner(name: ByteName, uid: number, gid: number): void {
    const path = join(this.handle, name);
    if (isWindows) unsupported('lchown', path);
    checkOwner(uid, gid);
    attempt(path, () => fs.lchownSync(toNode(path), uid, gid));
  }

  listXattrs(_name: ByteName): ByteName[] {
    return [];
  }
  getXattr(): undefined {
    return undefined;
  }
  setXattr(name: ByteName): never {
    return unsupported('setxattr', join(this.handle, name));
  }
  removeXattr(name: ByteName): never {
    return unsupported('removexattr', join(this.handle, name));
  }

  sync(): void {
    // Windows does not open directories, and keeps their names durable by its journal.
    if (isWindows) return;
    attempt(this.handle, () => {
      const fd = fs.openSync(toNode(this.handle), O_RDONLY);
      try {
        fs.fsyncSync(fd);
      } finally {
        fs.closeSync(fd);
      }
    });
  }
  syncFileSystem(): never {
    return unsupported('syncfs', this.handle);
  }

  /** The kind of what stands at a path; undefined when nothing does. */
  #kind(path: ByteName): string | undefined {
    return attempt(path, () => statPath(path, stat)) ? (stat.kind ?? 'other') : undefined;
  }

  /** Some file systems leave the type out. An entry that has vanished since counts as a file; whoever opens it will see. */
  #typeByStat(name: ByteName): number {
    return this.stat(name, stat) ? stat.type : 8;
  }
}

/** Opens any path, following symbolic links. */
export function openPortableDirectory(path: ByteName): PortableDirectory {
  if (path.includes('\0')) throw new SystemError('EINVAL', 'open', showName(path));
  return attempt(path, () => {
    const real = fs.realpathSync.native(toNode(path), 'buffer');
    if (!fs.statSync(real).isDirectory()) throw new SystemError('ENOTDIR', 'open', showName(path));
    return new PortableDirectory(fromNode(isWindows ? real.toString('utf8') : real));
  });
}

function attempt<Result>(path: ByteName, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    throw fromNodeError(error, showName(path));
  }
}

function unsupported(syscall: string, path: ByteName): never {
  throw new SystemError('EOPNOTSUPP', syscall, showName(path));
}

function pathOf(directory: Directory): ByteName {
  if (directory instanceof PortableDirectory) return directory.handle;
  throw new TypeError('directories of two implementations cannot take part in one call');
}

/** 0 when the file system did not say. */
function typeOf(entry: fs.Dirent<Buffer>): number {
  if (entry.isFile()) return 8;
  if (entry.isDirectory()) return 4;
  if (entry.isSymbolicLink()) return 10;
  if (entry.isFIFO()) return 1;
  if (entry.isSocket()) return 12;
  if (entry.isCharacterDevice()) return 2;
  return entry.isBlockDevice() ? 6 : 0;
}
