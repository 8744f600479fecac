import type { DatabaseSync } from 'node:sqlite';
import { nameFromBytes, showName } from '../../src/base/names.ts';
import { EVENT_KINDS, type EventKind, ORIGINS, type Origin } from '../../src/catalogue/types.ts';

export interface EventShown {
  readonly id: number;
  readonly node: number;
  readonly kind: EventKind;
  readonly origin: Origin;
  /** The names that it left and took, legible. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Whether the event of a directory above took it with it. */
  readonly within: number | undefined;
}

/** Events behind number `after`, in their order. */
export function eventsAfter(reader: DatabaseSync, after: number): EventShown[] {
  const rows = reader.prepare('SELECT id, node, kind, origin, fromName, toName, within FROM event WHERE id > ? ORDER BY id').all(after);
  return rows.map((row) => ({
    id: Number(row.id),
    node: Number(row.node),
    kind: EVENT_KINDS[Number(row.kind)] as EventKind,
    origin: ORIGINS[Number(row.origin)] as Origin,
    from: legible(row.fromName),
    to: legible(row.toName),
    within: row.within === null ? undefined : Number(row.within),
  }));
}

/** The number of the last event. */
export function lastEvent(reader: DatabaseSync): number {
  return Number(reader.prepare('SELECT coalesce(max(id), 0) AS id FROM event').get()?.id);
}

export interface GapShown {
  readonly root: number;
  readonly reason: string;
  readonly isOpen: boolean;
  readonly found: number;
}

export function gapsOf(reader: DatabaseSync): GapShown[] {
  const rows = reader.prepare('SELECT root, reason, closed IS NULL AS isOpen, found FROM gap ORDER BY id').all();
  return rows.map(({ root, reason, isOpen, found }) => ({
    root: Number(root),
    reason: String(reason),
    isOpen: isOpen === 1,
    found: Number(found),
  }));
}

export interface FailureShown {
  readonly name: string;
  readonly code: string;
  readonly call: string;
  readonly hasTimes: boolean;
}

export function failuresOf(reader: DatabaseSync): FailureShown[] {
  const rows = reader.prepare('SELECT name, code, call, first > 0 AND last >= first AS hasTimes FROM failure ORDER BY id').all();
  return rows.map(({ name, code, call, hasTimes }) => ({
    name: legible(name) as string,
    code: String(code),
    call: String(call),
    hasTimes: hasTimes === 1,
  }));
}

function legible(name: unknown): string | undefined {
  return name === null ? undefined : showName(nameFromBytes(name as Uint8Array));
}
