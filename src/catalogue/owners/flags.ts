import type { EventKind } from '../types.ts';
import type { SaveFlags } from './types.ts';

/** The words of rule files for changes, and the events that they mean. */
export const CHANGES: Readonly<Record<string, EventKind>> = {
  create: 'created',
  modify: 'modified',
  move: 'moved',
  delete: 'deleted',
  attributes: 'attributes',
};

/** What holds where a rule says nothing, and for what nobody owns: everything is kept and recorded, nobody is told. */
export const DEFAULT_FLAGS: SaveFlags = {
  keep: true,
  hash: true,
  record: new Set(Object.values(CHANGES)),
  notify: new Set(),
  retention: undefined,
};
