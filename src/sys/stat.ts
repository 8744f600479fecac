import { inNanoseconds, wide } from './wide.ts';

export type FileKind = 'file' | 'directory' | 'symlink' | 'fifo' | 'socket' | 'character' | 'block';

/** A point in time: whole seconds since 1970 (negative before), and nanoseconds in [0, 1e9) after that second. */
export interface Time {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** Length in bytes of what `Stat.signature` writes. */
export const SIGNATURE_BYTES = 72;

const KINDS: readonly (FileKind | undefined)[] = [
  ...[undefined, 'fifo', 'character', undefined, 'directory', undefined, 'block'],
  ...[undefined, 'file', undefined, 'symlink', undefined, 'socket'],
] as const;

/** The kind that a directory entry type stands for; it equals the upper four bits of the mode. Undefined for types that are no file's. */
export function kindOfType(type: number): FileKind | undefined {
  return KINDS[type];
}

/** The directory entry type of a kind: what `kindOfType` turns back. */
export function typeOfKind(kind: FileKind): number {
  return KINDS.indexOf(kind);
}

const HAS_BIRTH_TIME = 0x800;
/** `STATX_MNT_ID_UNIQUE` of `stx_mask`. */
const HAS_UNIQUE_MOUNT = 0x4000;
/** `STATX_ATTR_MOUNT_ROOT` of `stx_attributes`. */
const IS_MOUNT_ROOT = 0x2000;
const HIGH = 0x1_0000_0000;

/**
 * What the system knows of one file. Made once and filled many times (`Directory.stat`, `System.statFile`), it costs no allocation per file.
 *
 * `bytes` holds Linux's `struct statx` (statx(2), include/uapi/linux/stat.h; little-endian), whichever implementation fills it. The kernel
 * zeroes what it does not set, so parts of it can be compared as bytes.
 */
export class Stat {
  readonly bytes = new Uint8Array(new ArrayBuffer(256));
  readonly #words = new Uint32Array(this.bytes.buffer);
  readonly #signed = new Int32Array(this.bytes.buffer);
  readonly #identity = this.bytes.subarray(16, 48);
  readonly #changes = this.bytes.subarray(96, 128);
  readonly #device = this.bytes.subarray(136, 144);

  /** Undefined for kinds that other systems have (doors, whiteouts). */
  get kind(): FileKind | undefined {
    return KINDS[this.type];
  }
  /** The kind as a directory entry type. */
  get type(): number {
    return (this.bytes[29] as number) >> 4;
  }
  /** Permission bits with setuid, setgid and sticky: & 0o7777. */
  get mode(): number {
    return this.#word(7) & 0o7777;
  }
  get nlink(): number {
    return this.#word(4);
  }
  get uid(): number {
    return this.#word(5);
  }
  get gid(): number {
    return this.#word(6);
  }
  /** The inode number, exact; `sameFile` is cheaper where two are to be compared. */
  get ino(): bigint {
    return wide(this.#word(8), this.#word(9));
  }
  /** The inode number, rounded above 2^53: good for sorting and hashing, not for telling files apart. */
  get inoApproximate(): number {
    return this.#long(8);
  }
  get size(): number {
    return this.#long(10);
  }
  /** Allocated space in units of 512 bytes. */
  get blocks(): number {
    return this.#long(12);
  }
  /** Preferred size of reads and writes: at least the block of the file system. */
  get blockSize(): number {
    return this.#word(1);
  }
  /** The device the file is on: major × 2^32 + minor. */
  get dev(): number {
    return this.#word(34) * HIGH + this.#word(35);
  }
  /** The device that a character or block device stands for. */
  get deviceMajor(): number {
    return this.#word(32);
  }
  get deviceMinor(): number {
    return this.#word(33);
  }
  /** Seconds since 1970, negative before; nanoseconds come on top. */
  get mtimeSeconds(): number {
    return this.#seconds(28);
  }
  get mtimeNanoseconds(): number {
    return this.#word(30);
  }
  get ctimeSeconds(): number {
    return this.#seconds(24);
  }
  get ctimeNanoseconds(): number {
    return this.#word(26);
  }
  get atime(): Time {
    return this.#time(16);
  }
  get mtime(): Time {
    return this.#time(28);
  }
  get ctime(): Time {
    return this.#time(24);
  }
  /** Undefined where the file system does not keep it. */
  get btime(): Time | undefined {
    return (this.#word(0) & HAS_BIRTH_TIME) === 0 ? undefined : this.#time(20);
  }

  /** Whether it is the top of what is mounted there. False where the system does not say. */
  get isMountRoot(): boolean {
    return (this.#word(2) & IS_MOUNT_ROOT) !== 0;
  }

  /** The number of the mount on which it was found, which is never used again. Undefined where the system does not say (Linux before 6.8), and where nobody has asked for it: `Directory.stat` does. */
  get mount(): bigint | undefined {
    return (this.#word(0) & HAS_UNIQUE_MOUNT) === 0 ? undefined : wide(this.#word(36), this.#word(37));
  }

  /** In ns since 1970; beyond 64 bits (the year 2262) it stays at the bound. */
  get mtimeNs(): bigint {
    return this.#ns(28);
  }
  get ctimeNs(): bigint {
    return this.#ns(24);
  }
  /** The birth time; 0 where the file system does not keep it. */
  get bornNs(): bigint {
    return (this.#word(0) & HAS_BIRTH_TIME) === 0 ? 0n : this.#ns(20);
  }

  /** One of the four words that tell this file from all others: lower and upper half of the inode, major and minor of the device. */
  identityWord(index: number): number {
    return this.#word(index < 2 ? 8 + index : 32 + index);
  }

  /** Whether both were filled from the same file: one inode of one device. */
  sameFile(other: Stat): boolean {
    const mine = this.#words;
    const theirs = other.#words;
    return mine[8] === theirs[8] && mine[9] === theirs[9] && mine[35] === theirs[35] && mine[34] === theirs[34];
  }

  /** Whether nothing that `signature` covers differs. */
  sameAs(other: Stat): boolean {
    const mine = this.#words;
    const theirs = other.#words;
    for (let at = 4; at < 12; at++) if (mine[at] !== theirs[at]) return false;
    for (let at = 24; at < 32; at++) if (mine[at] !== theirs[at]) return false;
    return mine[34] === theirs[34] && mine[35] === theirs[35];
  }

  /**
   * Writes SIGNATURE_BYTES at `at`: kind, mode, link count, owner, inode, size, change and modification time, device. Equal bytes mean that the
   * file was not changed in between, as far as the system can tell.
   */
  signature(into: Uint8Array, at: number): void {
    into.set(this.#identity, at);
    into.set(this.#changes, at + 32);
    into.set(this.#device, at + 64);
  }

  /** Takes over what `signature` wrote at `at`; the rest stays as it was. */
  loadSignature(from: Uint8Array, at: number): void {
    this.#identity.set(from.subarray(at, at + 32));
    this.#changes.set(from.subarray(at + 32, at + 64));
    this.#device.set(from.subarray(at + 64, at + SIGNATURE_BYTES));
  }

  copyFrom(other: Stat): void {
    this.bytes.set(other.bytes);
  }

  #word(at: number): number {
    return this.#words[at] as number;
  }
  #long(at: number): number {
    return this.#word(at + 1) * HIGH + this.#word(at);
  }
  #seconds(at: number): number {
    return (this.#signed[at + 1] as number) * HIGH + this.#word(at);
  }
  #ns(at: number): bigint {
    return inNanoseconds(this.#word(at), this.#word(at + 1), this.#word(at + 2));
  }
  #time(at: number): Time {
    return { seconds: this.#seconds(at), nanoseconds: this.#word(at + 2) };
  }
}
