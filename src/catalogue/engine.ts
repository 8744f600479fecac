import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ByteName } from '../base/names.ts';
import { monotonicMs, wallNs } from '../sys/clock.ts';
import { SELF } from '../sys/watch/event-list.ts';
import { watcherFromShared } from '../sys/watch/open.ts';
import type { WatchMessage } from '../sys/watch/thread/messages.ts';
import type { DirectoryKey, SharedWatcher, WatchEvent, Watcher } from '../sys/watch/types.ts';
import { Departures } from './look/departures.ts';
import { DirectoryKeys } from './look/directory-keys.ts';
import { EventLooks } from './look/event-looks.ts';
import { type Care, ForeignKeys } from './look/foreign-keys.ts';
import { LiveDirectories } from './look/live-directories.ts';
import { Looker } from './look/looker.ts';
import { MissingDirectories } from './look/missing-directories.ts';
import { Paths } from './look/paths.ts';
import { MountKeeper } from './mount-keeper.ts';
import { RootKeeper } from './root-keeper.ts';
import { FreshLooks } from './scan/fresh-looks.ts';
import { HeldEvents } from './scan/held-events.ts';
import { type ListingTarget, ListingWriter } from './scan/listing-writer.ts';
import type { ScanReply, Unwatched } from './scan/messages.ts';
import { Mounts } from './scan/mounts.ts';
import { ScanWriter } from './scan/scan-writer.ts';
import { type ScanKind, Scans, type ScanUnderWay } from './scan/scans.ts';
import { type Shortcoming, UnwatchedDirectories } from './scan/unwatched.ts';
import type { UnwatchedPart } from './service-types.ts';
import { SettledSyncs } from './settled-syncs.ts';
import type { NodeId } from './types.ts';
import { FailureRows } from './write/failures.ts';
import { type GapReason, GapRows } from './write/gaps.ts';
import { listingKey } from './write/listing-sum.ts';
import { type Root, RootRows } from './write/roots.ts';
import { Writer } from './write/writer.ts';

/** So many events are taken in in one transaction: whoever asks meanwhile waits for nobody, but what is asked is as old as the last one. */
const EVENTS_AT_ONCE = 2000;

/** So many folders are listed each for itself, beyond them all is: ten thousand of three files took 4.9 s one by one, and less than 1 s by one scan. */
const MOST_FOLDERS_OF_LINKS = 200;

const NO_WATCHER: Unwatched = { reason: 'not watchable', code: 'NO_WATCHER', call: 'watch' };
const LOSS_UNTOLD: Unwatched = { reason: 'loss untold', code: 'LOSS_UNTOLD', call: 'fs.watch' };

export interface EngineOptions {
  readonly scanThreads: number;
  /** A scanning thread sends what it has found when it holds so much. */
  readonly scanBatchBytes: number | undefined;
  readonly watcher: SharedWatcher | undefined;
  /** Varve's own folders: they are never entered. */
  readonly own: readonly { readonly path: ByteName; readonly identity: string }[];
  /** Asks the watching thread to say when it has passed on everything that is queued now; returns the number of that. */
  readonly askForSync: () => number;
  /** Has the watching thread keep what the kernel tells from now on, or go on with it. */
  readonly holdEvents: (held: boolean) => void;
  /** Says to the watching thread of which directories it need not tell names. */
  readonly care: Care;
  /** The row of a process, by its number. */
  readonly processOf: (pid: number) => number | undefined;
  /** The content of a file is new or may have changed. */
  readonly onContent: (id: NodeId) => void;
  /** Nothing is left to scan. `isFirst`: some root was scanned for the first time. */
  readonly onScanned: (isFirst: boolean) => void;
  readonly onFailure: (error: unknown) => void;
}

/** The catalogue at work: its one writer, what it asks of scanning threads, and what it makes of events. */
export class Engine {
  readonly writer: Writer;
  readonly roots: RootKeeper;
  readonly paths: Paths;
  readonly failures: FailureRows;
  readonly #options: EngineOptions;
  readonly #rootRows: RootRows;
  /** How many directories a root has, its top included. */
  readonly #directories: StatementSync;
  readonly #looks = new FreshLooks();
  readonly #scans: Scans;
  readonly #scanWriter: ScanWriter;
  readonly #live: LiveDirectories;
  readonly #looker: Looker;
  readonly #unwatched = new UnwatchedDirectories();
  readonly #mounts: MountKeeper;
  readonly #watcher: Watcher | undefined;
  readonly #keys: DirectoryKeys | undefined;
  readonly #foreign: ForeignKeys | undefined;
  readonly #eventLooks: EventLooks | undefined;
  /** Directories that were met outside of the scan that lists them. */
  readonly #newDirectories = new Set<NodeId>();
  /** Directories of which it was taken for granted what they do not hold any more. */
  readonly #doubtful = new Set<NodeId>();
  readonly #missing: MissingDirectories;
  readonly #departures: Departures;
  /** While something that was known is compared with the disk: when that was last asked for (`monotonicMs`). */
  #comparedFromMs: number | undefined;
  /** Up to which sync the kernel's queue has been taken in. */
  #synced = 0;
  readonly #heldEvents: HeldEvents;
  readonly #settledSyncs: SettledSyncs;
  /** Everything was scanned; what has left its place by then, the first so many nodes that ever did, may be in limbo yet. */
  #compared: { readonly detached: number } | undefined;

  constructor(database: DatabaseSync, options: EngineOptions) {
    this.#options = options;
    this.#heldEvents = new HeldEvents(options.holdEvents);
    this.writer = new Writer(database);
    this.#settledSyncs = new SettledSyncs(this.writer);
    this.paths = new Paths(database);
    this.#rootRows = new RootRows(database);
    this.#directories = database.prepare('SELECT directories + 1 AS count FROM directory WHERE node = ?');
    this.#live = new LiveDirectories(this.writer.rows, this.paths);
    this.#missing = new MissingDirectories({
      rows: this.writer.rows,
      live: this.#live,
      isHidden: (id) => this.roots.hides(id),
      doubtful: this.#doubtful,
    });
    this.writer.onMoved(() => {
      this.paths.forget();
      this.#missing.lookAgain();
    });
    this.writer.transact(() => this.writer.restoreLimbo({ origin: 'scan', time: wallNs() }));
    const failures = new FailureRows(database);
    this.failures = failures;
    this.writer.onRemoved(({ id }) => {
      this.#unwatched.forget(id);
      failures.forget(id);
    });
    const looker = new Looker(this.writer, this.#live, {
      onNewDirectory: (id) => {
        this.#newDirectories.add(id);
        this.#keys?.forgetOutside();
      },
      onContent: options.onContent,
      onDoubt: (id) => this.#doubtful.add(id),
      onMovedDirectory: (id) => {
        this.#keys?.forgetOutside();
        // Where keys are paths, what happened in it under its old path may have been lost.
        if (this.#watcher?.keysFollowMoves === false) this.#newDirectories.add(id);
        else this.#onPassedOver(id);
      },
      onDirectory: (id) => {
        if (this.#unwatched.takeUnseen(id)) this.#newDirectories.add(id);
      },
    });
    this.#looker = looker;
    this.#departures = new Departures({
      ...{ writer: this.writer, looker, missing: this.#missing },
      askForSync: options.watcher === undefined ? undefined : options.askForSync,
    });
    if (options.watcher !== undefined) {
      const watcher = watcherFromShared(options.watcher);
      const { rows } = this.writer;
      const keys = new DirectoryKeys({ rows, paths: this.paths, watcher, own: options.own.map(({ path }) => path) });
      const foreign = new ForeignKeys(keys, options.care);
      const parts = { writer: this.writer, looker, live: this.#live, keys, foreign, watcher, failures, looks: this.#looks };
      this.#watcher = watcher;
      this.#keys = keys;
      this.#foreign = foreign;
      this.#eventLooks = new EventLooks({
        ...parts,
        processOf: options.processOf,
        isHidden: (id) => this.roots.hides(id),
        unseen: () => this.#unwatched.unseen(),
        isScanning: () => this.isScanning,
      });
    }
    this.#scanWriter = new ScanWriter({
      writer: this.writer,
      listings: new ListingWriter(database, {
        writer: this.writer,
        looker,
        looks: this.#looks,
        onPassedOver: (id) => this.#onPassedOver(id),
      }),
      looks: this.#looks,
      failures,
      onKey: (key, id) => this.#learnKey(key, id),
      onListed: (id, unwatched) => this.#unwatched.note(id, () => this.writer.rows.topOf(id), unwatched),
      onUnseen: (id, isWhole) => this.#unwatched.noteUnseen(id, isWhole),
      onMount: (target, scan) => this.#mounts.meet(target, scan),
      again: (id) => this.#newDirectories.add(id),
      onMissing: (id) => this.#missing.add(id),
      onListing: (children) => {
        for (const { id } of children) this.#newDirectories.delete(id);
      },
    });
    this.#scans = new Scans({
      threads: options.scanThreads,
      batchBytes: options.scanBatchBytes,
      watcher: options.watcher,
      own: options.own.map(({ identity }) => identity),
      listingKey: listingKey(database),
      pathOf: (id) => this.paths.ofDirectory(id),
      onPathless: (id) => this.#missing.add(id),
      apply: (reply, scan) => this.#applyScan(reply, scan),
      onIdle: () => this.#scanned(),
      onFailure: options.onFailure,
    });
    this.roots = new RootKeeper({
      writer: this.writer,
      roots: this.#rootRows,
      gaps: new GapRows(database),
      failures,
      watcher: this.#watcher,
      scan: (root) => this.#scanRoot(root),
    });
    this.#mounts = new MountKeeper({
      mounts: new Mounts(() => this.rootPaths()),
      paths: this.paths,
      roots: this.roots,
      rows: this.#rootRows,
      scan: (target, kind) => this.#compare(target, kind),
    });
  }

  get watcher(): Watcher | undefined {
    return this.#watcher;
  }
  /** Whether something may happen in a root that nothing tells of, not even that it was missed. */
  get mayMiss(): boolean {
    return this.#watcher?.tellsOfLoss !== true;
  }
  get isScanning(): boolean {
    return !this.#scans.isIdle;
  }
  /** Directories that wait to be scanned. */
  get toScan(): number {
    return this.#scans.waiting;
  }
  missingRoots(): ByteName[] {
    return this.#rootRows
      .all()
      .filter((root) => this.roots.isMissing(root))
      .map(({ path }) => path);
  }
  rootPaths(): ByteName[] {
    return this.#rootRows.all().map(({ path }) => path);
  }
  /** Whether something is compared with the disk because changes may have been missed. */
  get isComparing(): boolean {
    return this.#comparedFromMs !== undefined;
  }
  /** Whether everything that was seen so far has become rows. */
  get isSettled(): boolean {
    return !this.isScanning && !this.writer.hasLimbo;
  }
  /** Up to which sync everything that the kernel had queued by then has become rows, whatever has come since. */
  get settledSync(): number {
    return this.#settledSyncs.last;
  }
  /** Entries that scans have compared so far. */
  get scanned(): number {
    return this.#scanWriter.scanned;
  }

  /** Has everything compared with the disk. Until that is done there is a gap, beginning at `since`. */
  compareAll(reason: GapReason, since: bigint): void {
    this.#mounts.rootsChanged();
    this.roots.compareAll(reason, since);
  }

  /** To be called now and then: looks for what the kernel does not tell. */
  check(): void {
    this.roots.check();
    const hasUnwatched = this.mayMiss || !this.#unwatched.isEmpty;
    if (hasUnwatched && this.#unwatched.isDue && !this.isScanning) this.compareUnwatched();
  }

  /** Compares with the disk what cannot be watched, or could not be seen. */
  compareUnwatched(): void {
    const directories = this.#unwatched.begin();
    if (this.mayMiss) for (const root of this.#rootRows.all()) this.#scanRoot(root);
    else for (const { id, recursive } of directories) this.#compare({ id }, { recursive, origin: 'scan' });
    if (!this.isScanning) this.#unwatched.end();
  }

  /** What of the roots that are in their places is not watched. */
  unwatchedParts(): UnwatchedPart[] {
    const roots = this.#rootRows.all().filter((root) => !this.roots.isMissing(root));
    const unseen = Array.from(this.#unwatched.unseen(), (id) => this.writer.rows.topOf(id));
    return roots.flatMap((row): UnwatchedPart[] => {
      const parts = this.#unwatchedOf(row).map(({ why: { reason, code }, directories }) => ({ root: row.path, reason, code, directories }));
      const directories = this.#watcher === undefined ? 0 : unseen.filter((top) => top === row.node).length;
      return directories === 0 ? parts : [...parts, { root: row.path, reason: 'not listed', code: 'NOT_LISTED', directories }];
    });
  }

  /** Looks again where events could not be understood before. */
  #lookAtParked(): void {
    if (this.#eventLooks === undefined) return;
    const parked = this.#eventLooks.takeParked();
    if (parked === undefined) this.compareAll('overflow', wallNs());
    else if (parked.length > 0) this.#look(parked);
  }

  /** Takes in what the kernel has told. */
  take({ batch, foreign, synced }: WatchMessage): void {
    // Of a directory that has come to be of concern since, nobody knows in which of its names something has happened: it is looked at, and then listed.
    const events = [...batch.events, ...foreign.map((directory) => ({ directory, name: SELF, isOpen: false, pid: 0 }))];
    // First of all: what happens in a root that is not in its place any more says nothing of that place.
    if (batch.mountsChanged) this.#mounts.check();
    else if (this.#eventLooks?.nameTop(events)) this.roots.check();
    for (let at = 0; at < events.length; at += EVENTS_AT_ONCE) this.#look(events.slice(at, at + EVENTS_AT_ONCE));
    for (const id of this.#foreign?.settle(foreign) ?? [])
      if (!this.roots.hides(id)) this.#scans.add({ id }, { recursive: false, origin: 'live' });
    // The last events of a directory come together with the end of its mark.
    for (const key of batch.lost) this.#forgetMark(key);
    if (batch.overflowed) this.compareAll('overflow', wallNs());
    this.#synced = synced;
    if (!this.isScanning) this.#settle();
    this.#conclude();
    this.#settleSync();
    this.#heldEvents.taken(this.#scans);
  }

  /** A mark has ended. Where keys are paths, its directory may have left and come back meanwhile, and where no birth times are kept it may have been made anew, of which its row knows nothing: it is listed, and so marked, again. */
  #forgetMark(key: DirectoryKey): void {
    const id = this.#keys?.directoryOf(key);
    this.#keys?.delete(key);
    if (id === undefined) return;
    const mayBeBack = this.#watcher?.keysFollowMoves === false || this.writer.rows.get(id)?.born === 0n;
    if (mayBeBack) this.#scans.add({ id }, { recursive: false, origin: 'live' });
  }

  /** A directory is where a comparison has been already. It may have come there from where that had not come to yet. */
  #onPassedOver(id: NodeId): void {
    if (this.#comparedFromMs !== undefined && !this.#looks.isEnteredAfter(id, this.#comparedFromMs)) this.#newDirectories.add(id);
  }

  pause(paused: boolean): void {
    this.#scans.pause(paused);
  }

  async close(): Promise<void> {
    this.#heldEvents.release();
    await this.#scans.close();
  }

  #look(events: readonly WatchEvent[]): void {
    this.writer.transact(() => this.#eventLooks?.apply(events, wallNs()));
    this.#scanNew('live');
  }

  /** Nothing is being scanned: what could not be understood by now is listed, or of no concern; what nobody has met is gone. */
  #settle(): void {
    this.#eventLooks?.takeParked();
    this.#eventLooks?.tellEarly();
    const outdated = this.#eventLooks === undefined ? [] : this.#eventLooks.takeOutdated();
    if (outdated === undefined) this.compareAll('overflow', wallNs());
    else for (const id of outdated) this.#doubtful.add(id);
    for (const id of this.#keys?.settleContested() ?? []) this.#doubtful.add(id);
    // Until a comparison is concluded it counts what it has listed.
    if (this.#comparedFromMs === undefined) this.#looks.clear();
    else this.#looks.clearLooks();
    for (const id of this.#eventLooks?.takeUnreached() ?? []) this.#scans.add({ id }, { recursive: false, origin: 'live' });
    for (const id of this.#missing.takeFound()) this.#scans.add({ id }, { recursive: true, origin: 'live' });
    for (const id of this.#doubtful) if (this.writer.rows.has(id)) this.#scans.add({ id }, { recursive: false, origin: 'live' });
    this.#doubtful.clear();
    if (!this.isScanning) this.#departures.settle(this.#synced);
  }

  #settleSync(): void {
    if (!this.isScanning && !this.isComparing) this.#settledSyncs.settle(this.#synced);
  }

  #applyScan(reply: ScanReply, scan: ScanUnderWay): void {
    const now = wallNs();
    this.writer.transact(() => {
      this.#scanWriter.apply(reply, scan, now);
      this.#looker.settleLinks({ origin: scan.origin ?? 'scan', time: now });
    });
    this.#scanNew(scan.origin ?? 'scan');
    if (reply.directories.some(({ key }) => key !== undefined)) this.#lookAtParked();
  }

  #scanNew(origin: 'live' | 'scan' | 'sync'): void {
    if (this.#newDirectories.size === 0) return;
    for (const id of this.#newDirectories) this.#scans.add({ id }, { recursive: true, origin });
    this.#newDirectories.clear();
  }

  #scanRoot({ node, recursive, isScanned }: Root): void {
    this.#compare({ id: node }, { recursive, origin: isScanned ? 'scan' : undefined, entersMount: true });
  }

  /** Has a directory scanned because changes may have been missed. */
  #compare(target: ListingTarget, kind: ScanKind): void {
    this.#comparedFromMs = monotonicMs();
    this.#compared = undefined;
    this.#scans.add(target, kind);
  }

  #unwatchedOf({ node }: Root): readonly Shortcoming[] {
    const all = (why: Unwatched): Shortcoming => ({ why, directories: Number(this.#directories.get(node)?.count ?? 0) });
    if (this.#watcher === undefined) return [all(NO_WATCHER)];
    return [...(this.mayMiss ? [all(LOSS_UNTOLD)] : []), ...this.#unwatched.of(node)];
  }

  /** A watcher of whole file systems has to know of each that is entered; it is told through its first directory. */
  #learnKey(key: DirectoryKey, id: NodeId): void {
    this.#keys?.set(key, id);
    if (this.#watcher === undefined || this.#watcher.marksDirectories) return;
    using directory = this.#live.open(id);
    if (directory !== undefined) this.#watcher.mark(directory);
  }

  #scanned(): void {
    this.#missing.lookAgain();
    this.#settle();
    if (this.isScanning) return;
    this.#heldEvents.release();
    // What has come into limbo since is of no concern to what was compared by then.
    this.#compared ??= { detached: this.writer.detached };
    this.#conclude();
    this.#settleSync();
  }

  /** When it is known of everything that a comparison has missed where it went, the gaps are closed. */
  #conclude(): void {
    if (this.#compared === undefined || this.isScanning || this.writer.hasLimboUpTo(this.#compared.detached)) return;
    this.writer.rows.indexInodes();
    this.#compareLinks();
    if (this.isScanning) return;
    this.#compared = undefined;
    this.#comparedFromMs = undefined;
    this.#looks.clear();
    this.#missing.concluded();
    const now = wallNs();
    const isFirst = this.#rootRows.all().some(({ isScanned }) => !isScanned);
    this.writer.transact(() => {
      this.roots.closeGaps(now, this.writer.journal.takeFound(), (root) => this.#unwatchedOf(root).map(({ why }) => why));
      this.#rootRows.setScanned(now);
      this.#looker.settleLinks({ origin: 'scan', time: now });
    });
    this.#unwatched.end();
    // Behind a first scan names are put into their index, and files are read.
    if (isFirst) this.#scans.rest();
    this.#options.onScanned(isFirst);
  }

  /** Behind a first scan: files that have changed between the listings of two of their links are listed again. Where most have links elsewhere, all are. */
  #compareLinks(): void {
    const folders = this.writer.rows.takeFoldersOfLinks(MOST_FOLDERS_OF_LINKS + 1);
    if (folders.length <= MOST_FOLDERS_OF_LINKS) for (const id of folders) this.#scans.add({ id }, { recursive: false, origin: 'live' });
    else for (const root of this.#rootRows.all()) if (!root.isScanned && !this.roots.isMissing(root)) this.#scanRoot(root);
  }
}
