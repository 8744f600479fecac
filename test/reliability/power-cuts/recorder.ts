import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { system, useSystem } from '../../../src/sys/system.ts';
import type { Event } from './events.ts';

type Call = (...args: never[]) => unknown;

/** Records what this thread asks of the file system below a folder, from now until `stop`. */
export class Recorder {
  readonly events: Event[] = [];
  readonly #top: string;
  readonly #open = new Map<number, { readonly file: number } | { readonly folder: string }>();
  /** The file of each path, as it is now. */
  readonly #files = new Map<string, number>();
  readonly #originals = new Map<string, Call>();
  #nextFile = 0;
  /** Calls are made of others. */
  #depth = 0;

  constructor(top: string) {
    this.#top = top;
    const { write: _, ...others } = system();
    useSystem({ ...others, write: (fd, bytes, position) => void fs.writeSync(fd, bytes, 0, bytes.length, position) });
    this.#observe();
    syncBuiltinESMExports();
  }

  told(what: string): void {
    this.events.push({ type: 'told', what });
  }

  stop(): void {
    const functions = fs as unknown as Record<string, Call>;
    for (const [name, original] of this.#originals) functions[name] = original;
    syncBuiltinESMExports();
  }

  #observe(): void {
    this.#after('openSync', (fd: number, path: string, flags: string | number = 'r') => this.#opened(fd, path, flags));
    this.#after('closeSync', (_, fd: number) => this.#open.delete(fd));
    this.#after('writeSync', (_: number, fd: number, bytes: Uint8Array, offset?: number, length?: number, at?: number) => {
      assert.ok(typeof at === 'number', 'writes are positional');
      this.#write(fd, at, bytes.subarray(offset ?? 0).subarray(0, length));
    });
    this.#after('writevSync', (written: number, fd: number, pieces: Uint8Array[], at: number) =>
      this.#write(fd, at, Buffer.concat(pieces).subarray(0, written)),
    );
    this.#after('writeFileSync', (_, file: string | number, content: string | Uint8Array) => {
      if (typeof file === 'number') return this.#write(file, fs.fstatSync(file).size - Buffer.from(content).length, Buffer.from(content));
      if (!this.#isInside(file)) return;
      this.#write(this.#make(file), 0, Buffer.from(content));
    });
    this.#after('ftruncateSync', (_: unknown, fd: number, length?: number) => {
      const open = this.#open.get(fd);
      if (open && 'file' in open) this.events.push({ type: 'truncate', file: open.file, length: length ?? 0 });
    });
    for (const name of ['fsyncSync', 'fdatasyncSync']) this.#after(name, (_, fd: number) => this.#synced(fd));
    this.#after('renameSync', (_, from: string, to: string) => {
      const file = this.#files.get(from);
      if (file === undefined) return;
      assert.equal(dirname(from), dirname(to), 'files are renamed inside of their folder');
      this.#files.delete(from);
      this.#name(to, file, { [this.#nameOf(from)]: undefined });
    });
    this.#after('linkSync', (_, from: string, to: string) => this.#name(to, this.#files.get(from) as number));
    this.#after('rmSync', (_, path: string) => {
      if (!this.#files.delete(path)) return;
      this.events.push({ type: 'names', folder: this.#place(dirname(path)), names: { [this.#nameOf(path)]: undefined } });
    });
    this.#after('mkdirSync', (_, path: string, options?: fs.MakeDirectoryOptions) => {
      if (!this.#isInside(path)) return;
      assert.ok(!options?.recursive, 'folders are made one by one');
      this.events.push({ type: 'makeFolder', path: this.#place(path) });
    });
  }

  #after<Args extends unknown[], Result>(name: string, note: (result: Result, ...args: Args) => unknown): void {
    const functions = fs as unknown as Record<string, (...args: Args) => Result>;
    const original = functions[name] as (...args: Args) => Result;
    this.#originals.set(name, original as unknown as Call);
    functions[name] = (...args) => {
      this.#depth++;
      try {
        const result = original.apply(fs, args);
        if (this.#depth === 1) note(result, ...args);
        return result;
      } finally {
        this.#depth--;
      }
    };
  }

  #opened(fd: number, path: string, flags: string | number): void {
    if (!this.#isInside(path)) return;
    if (fs.fstatSync(fd).isDirectory()) {
      this.#open.set(fd, { folder: this.#place(path) });
      return;
    }
    const known = this.#files.get(path);
    const file = known ?? this.#make(path, fd);
    if (known !== undefined && String(flags).includes('w')) this.events.push({ type: 'truncate', file, length: 0 });
    this.#open.set(fd, { file });
  }

  #make(path: string, fd = -1): number {
    const file = this.#nextFile++;
    this.#name(path, file);
    // For writes that go by number.
    if (fd < 0) this.#open.set(-1, { file });
    return fd < 0 ? -1 : file;
  }

  #name(path: string, file: number, others: Readonly<Record<string, undefined>> = {}): void {
    this.#files.set(path, file);
    this.events.push({ type: 'names', folder: this.#place(dirname(path)), names: { ...others, [this.#nameOf(path)]: file } });
  }

  #write(fd: number, at: number, bytes: Uint8Array): void {
    const open = this.#open.get(fd);
    if (open && 'file' in open) this.events.push({ type: 'write', file: open.file, at, bytes: Buffer.from(bytes) });
  }

  #synced(fd: number): void {
    const open = this.#open.get(fd);
    if (open === undefined) return;
    this.events.push('file' in open ? { type: 'sync', file: open.file } : { type: 'syncFolder', folder: open.folder });
  }

  #isInside(path: unknown): boolean {
    return typeof path === 'string' && (path === this.#top || path.startsWith(join(this.#top, '/')));
  }

  #place(path: string): string {
    return relative(this.#top, path);
  }

  #nameOf(path: string): string {
    return relative(dirname(path), path);
  }
}
