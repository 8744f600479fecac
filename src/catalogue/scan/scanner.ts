import { SystemError, VarveError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import type { HalfSipKey } from '../../hash/half-sip-hash.ts';
import { monotonicMs } from '../../sys/clock.ts';
import { folderIdentity } from '../../sys/folder-identity.ts';
import { PackedEntries } from '../../sys/packed-entries.ts';
import { Stat, typeOfKind } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import type { Directory } from '../../sys/types.ts';
import { WatchLimitError } from '../../sys/watch/errors.ts';
import type { Watcher } from '../../sys/watch/types.ts';
import { joined } from '../look/paths.ts';
import { type Listing, ListingSum } from '../write/listing-sum.ts';
import type { ScanFlow } from './flow.ts';
import type { ListedDirectory, ScanFailure, ScanReply, ScanTask, Unwatched } from './messages.ts';

/**
 * A batch is sent when it holds this much: some 12 000 entries, one transaction of about 30 ms. Smaller ones cost more: each page of an index that a transaction
 * touches is written once for it. Measured for a million files: 3.9 s of the writer's time at 2.5 MiB, 4.9 s at 640 KiB.
 */
const BATCH_BYTES = 1920 << 10;
/** With so many directories to do, half of them are left to whoever has nothing to do. */
const SPARE_FROM = 32;

const SELF = '.' as ByteName;
const SELF_BYTES = Buffer.from('.');

/** The directory entry type of directories. */
const DIRECTORY = typeOfKind('directory');

/** Another name stands there by now, or none. */
const GONE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

interface Waiting {
  readonly directory: number;
  readonly path: ByteName;
  /** Of the directory above; undefined for the top. */
  readonly device: number | undefined;
  readonly entersMount: boolean;
}

/**
 * Lists directories and stats what is in them, depth first, and sends it in batches. Where the watcher wants each directory marked, it is marked before it
 * is listed, so that no change falls between the two.
 */
export class Scanner {
  readonly #flow: ScanFlow;
  readonly #watcher: Watcher | undefined;
  readonly #own: ReadonlySet<string>;
  readonly #send: (reply: ScanReply) => void;
  readonly #listingSum: ListingSum;
  readonly #batchBytes: number;
  readonly #records: PackedEntries;
  readonly #stat = new Stat();
  #directories: ListedDirectory[] = [];
  #failures: ScanFailure[] = [];
  #missing: number[] = [];
  #mounts: number[] = [];
  /** Devices of which it is known, and why, that their directories cannot be watched. Of use where one mark is for a whole device. */
  readonly #unwatched = new Map<number, Unwatched>();

  constructor(parts: {
    readonly flow: ScanFlow;
    readonly watcher: Watcher | undefined;
    readonly own: readonly string[];
    readonly listingKey: HalfSipKey;
    readonly batchBytes: number | undefined;
    readonly send: (reply: ScanReply) => void;
  }) {
    this.#flow = parts.flow;
    this.#watcher = parts.watcher;
    this.#own = new Set(parts.own);
    this.#send = parts.send;
    this.#listingSum = new ListingSum(parts.listingKey);
    this.#batchBytes = parts.batchBytes ?? BATCH_BYTES;
    this.#records = new PackedEntries(this.#batchBytes + (256 << 10));
  }

  /** Blocks until everything was sent, or nothing is wanted any more. */
  run({ task, path, recursive, entersMount }: ScanTask): void {
    const stack: Waiting[] = [{ directory: 0, path, device: undefined, entersMount }];
    let numbered = 0;
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      this.#flow.waitWhilePaused();
      if (this.#flow.hasEnded) return;
      const children = this.#list(next, numbered);
      numbered += children.length;
      if (recursive) for (let at = children.length - 1; at >= 0; at--) stack.push(children[at] as Waiting);
      if (this.#records.usedBytes < this.#batchBytes) continue;
      const spare = stack.length >= SPARE_FROM && this.#flow.someoneIsIdle ? stack.splice(0, stack.length >> 1) : [];
      this.#flush(
        task,
        spare.map(({ directory }) => directory),
        false,
      );
    }
    this.#flush(task, [], true);
  }

  #list({ directory, path, device, entersMount }: Waiting, numbered: number): Waiting[] {
    let startedMs = monotonicMs();
    const fail = (name: ByteName, error: unknown) => {
      if (!(error instanceof SystemError)) throw error;
      this.#failures.push({ directory, name, code: error.errno, call: error.syscall, startedMs });
    };
    try {
      using opened = system().openDirectory(path);
      if (!opened.stat(SELF, this.#stat) || !this.#isEntered(opened, device)) return [];
      if (this.#stat.isMountRoot && !entersMount) {
        this.#mounts.push(directory);
        return [];
      }
      const marked = this.#mark(opened, device);
      if (marked.key !== undefined) {
        // Of what happened before the mark nothing is told: only what is looked at from here on is up to date.
        startedMs = monotonicMs();
        opened.stat(SELF, this.#stat);
      }
      const from = this.#records.usedBytes;
      this.#records.add(this.#stat.bytes, SELF_BYTES, 0, SELF_BYTES.length);
      opened.statEntries(this.#records, fail);
      const firstChild = numbered + 1;
      const { children, entries, listing } = this.#readBack(path, from, firstChild);
      const to = this.#records.usedBytes;
      const counted = { children: children.length, entries, listing };
      this.#directories.push({ directory, from, to, firstChild, startedMs, ...counted, ...marked });
      return children;
    } catch (error) {
      if (error instanceof SystemError && GONE.has(error.errno)) this.#missing.push(directory);
      else fail(SELF, error);
      return [];
    }
  }

  /** Own folders and file systems of the kernel's making are shown and not entered. */
  #isEntered(opened: Directory, deviceAbove: number | undefined): boolean {
    if (this.#own.has(folderIdentity(this.#stat))) return false;
    return this.#stat.dev === deviceAbove || !system().isPseudoFileSystem(opened);
  }

  #mark(opened: Directory, deviceAbove: number | undefined): Pick<ListedDirectory, 'key' | 'unwatched'> {
    const watcher = this.#watcher;
    if (watcher === undefined) return {};
    const { dev } = this.#stat;
    if (!watcher.marksDirectories && dev === deviceAbove) {
      const unwatched = this.#unwatched.get(dev);
      return unwatched === undefined ? {} : { unwatched };
    }
    try {
      const key = watcher.mark(opened);
      this.#unwatched.delete(dev);
      return { key };
    } catch (error) {
      const unwatched = unwatchedBy(error);
      this.#unwatched.set(dev, unwatched);
      return { unwatched };
    }
  }

  /** Steps through the records of a directory, which begin at byte `from`: what there is to be listed next, and what the listing comes to. */
  #readBack(path: ByteName, from: number, firstChild: number): { children: Waiting[]; entries: number; listing: Listing } {
    const children: Waiting[] = [];
    const listing = ListingSum.none();
    let entries = 0;
    const reader = this.#records.reader(from);
    reader.next();
    const { device } = reader;
    while (reader.next()) {
      entries++;
      this.#listingSum.addRecord(listing, reader);
      if (reader.type !== DIRECTORY) continue;
      children.push({ directory: firstChild + children.length, path: joined(path, reader.name), device, entersMount: false });
    }
    return { children, entries, listing };
  }

  #flush(task: number, spare: readonly number[], isLast: boolean): void {
    this.#flow.waitToSend();
    const directories = this.#directories;
    const failures = this.#failures;
    this.#directories = [];
    this.#failures = [];
    const missing = this.#missing;
    this.#missing = [];
    const mounts = this.#mounts;
    this.#mounts = [];
    this.#send({ type: 'listed', task, records: this.#records.finish(), directories, failures, mounts, missing, spare, isLast });
  }
}

/** What it says of a directory that marking it failed. */
function unwatchedBy(error: unknown): Unwatched {
  if (!(error instanceof VarveError)) throw error;
  const failed = error instanceof SystemError ? error : error.cause;
  const call = failed instanceof SystemError ? failed.syscall : 'name_to_handle_at';
  return { reason: error instanceof WatchLimitError ? 'watch limit' : 'not watchable', code: error.code, call };
}
