import fs from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../support/random.ts';
import type { Event } from './events.ts';

/**
 * What of the events that no sync has followed is on the disk after a power cut: of contents and of names, with which chance each. POSIX promises nothing of either, so a file
 * may be there without its bytes, bytes may be there without those written before, and a later rename without an earlier one.
 */
export interface Luck {
  readonly contents: number;
  readonly names: number;
}

/** Disks write so much at once, or nothing of it. */
const SECTOR_BYTES = 512;

type Change = Exclude<Event, { readonly type: 'sync' | 'syncFolder' | 'told' }>;

/** Makes `folder` what a disk may hold when the power fails behind these events. */
export function leaveBehind(events: readonly Event[], folder: string, luck: Luck, random: Random): void {
  const changes: { change: Change; isSafe: boolean }[] = [];
  for (const event of events) {
    if (event.type === 'told') continue;
    if (event.type === 'sync' || event.type === 'syncFolder') {
      for (const one of changes) one.isSafe ||= isCovered(one.change, event);
    } else {
      changes.push({ change: event, isSafe: false });
    }
  }
  const contents = new Map<number, Buffer>();
  const folders = new Map<string, Map<string, number>>([['', new Map()]]);
  for (const { change, isSafe } of changes) {
    const isContent = change.type === 'write' || change.type === 'truncate';
    if (isSafe || random.chance(isContent ? luck.contents : luck.names)) apply(change, contents, folders, isSafe ? undefined : random);
  }
  for (const path of folders.keys()) fs.mkdirSync(join(folder, path), { recursive: true });
  for (const [path, names] of folders)
    for (const [name, file] of names) fs.writeFileSync(join(folder, path, name), contents.get(file) ?? '');
}

function isCovered(change: Change, sync: Event): boolean {
  if (change.type === 'write' || change.type === 'truncate') return sync.type === 'sync' && sync.file === change.file;
  if (sync.type !== 'syncFolder') return false;
  return change.type === 'names' ? change.folder === sync.folder : parentOf(change.path) === sync.folder;
}

function apply(change: Change, contents: Map<number, Buffer>, folders: Map<string, Map<string, number>>, tears: Random | undefined): void {
  switch (change.type) {
    case 'write': {
      const bytes = tears?.chance(0.3) ? torn(change, tears) : change.bytes;
      const before = contents.get(change.file) ?? Buffer.alloc(0);
      const after = Buffer.alloc(Math.max(before.length, change.at + bytes.length));
      before.copy(after);
      bytes.copy(after, change.at);
      contents.set(change.file, after);
      break;
    }
    case 'truncate': {
      const after = Buffer.alloc(change.length);
      contents.get(change.file)?.copy(after);
      contents.set(change.file, after);
      break;
    }
    case 'makeFolder':
      // Without the folder around it, it is lost with everything inside.
      if (folders.has(parentOf(change.path))) folders.set(change.path, folders.get(change.path) ?? new Map());
      break;
    case 'names': {
      const names = folders.get(change.folder);
      for (const [name, file] of Object.entries(change.names)) {
        if (file === undefined) names?.delete(name);
        else names?.set(name, file);
      }
    }
  }
}

/** What is left of a write that was torn: whole sectors. */
function torn({ at, bytes }: Extract<Event, { readonly type: 'write' }>, random: Random): Buffer {
  const end = Math.floor((at + random.below(bytes.length)) / SECTOR_BYTES) * SECTOR_BYTES;
  return bytes.subarray(0, Math.max(0, end - at));
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}
