import { type ByteName, showName } from '../../base/names.ts';
import { Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import type { Directory } from '../../sys/types.ts';
import { CopyRefusedError } from './types.ts';

const now = new Stat();

/** A file that is being looked at, held open with its directory, and what it was when it was opened. */
export class OpenFile implements Disposable {
  readonly path: ByteName;
  readonly directory: Directory;
  readonly name: ByteName;
  readonly fd: number;
  readonly stat = new Stat();

  /** Throws SystemError, and CopyRefusedError for what is no regular file. */
  constructor(path: ByteName) {
    const slash = path.lastIndexOf('/');
    this.path = path;
    this.name = path.slice(slash + 1) as ByteName;
    this.directory = system().openDirectory(path.slice(0, slash + 1) as ByteName);
    try {
      this.fd = this.directory.openFile(this.name, 'read');
    } catch (error) {
      this.directory.close();
      throw error;
    }
    try {
      system().statFile(this.fd, this.stat);
      if (this.stat.kind !== 'file') throw new CopyRefusedError('NOT_A_FILE', `${showName(path)} is no file any more`);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Throws CopyRefusedError unless the file is what it was, and has its name still. */
  mustBeUnchanged(): void {
    system().statFile(this.fd, now);
    if (!isSameVersion(now, this.stat)) throw this.changed();
    if (!this.directory.stat(this.name, now) || !now.sameFile(this.stat)) throw this.changed();
  }

  changed(): CopyRefusedError {
    return new CopyRefusedError('CHANGED_MEANWHILE', `${showName(this.path)} was changed meanwhile`, 'Run the same again.');
  }

  [Symbol.dispose](): void {
    system().closeFile(this.fd);
    this.directory.close();
  }
}

/** Whether both are of one file with the same content, as far as a stat can tell. Its change time may differ: another name changes that too. */
export function isSameVersion(a: Stat, b: Stat): boolean {
  return (
    a.sameFile(b) &&
    a.size === b.size &&
    a.mtimeSeconds === b.mtimeSeconds &&
    a.mtimeNanoseconds === b.mtimeNanoseconds &&
    a.mode === b.mode
  );
}
