import type { EventKind } from '../types.ts';
import type { Notification } from './types.ts';

const WORDS: Readonly<Record<EventKind, string>> = {
  created: 'created',
  modified: 'modified',
  attributes: 'with other attributes',
  moved: 'moved',
  deleted: 'deleted',
  unwatched: 'watched no more',
  rotted: 'DAMAGED OR TAMPERED WITH',
};

/** A notification in one line. */
export function titleOf({ changes, kinds }: Notification): string {
  const entries = Object.entries(kinds) as [EventKind, number][];
  return `${changes} ${changes === 1 ? 'change' : 'changes'}: ${entries.map(([kind, number]) => `${number} ${WORDS[kind]}`).join(', ')}`;
}

/** What is shown on a desktop or a telephone has no room for more. */
const MAX_BODY_LENGTH = 2000;

/** The examples, a line each. */
export function bodyOf({ changes, examples }: Notification): string {
  const lines = examples.map(({ kind, path, by }) => `${WORDS[kind]}: ${path}${by === undefined ? '' : ` (by ${by})`}`);
  const text = [...lines, ...(changes > examples.length ? [`and ${changes - examples.length} more`] : [])].join('\n');
  return text.length <= MAX_BODY_LENGTH ? text : `${text.slice(0, MAX_BODY_LENGTH - 1)}…`;
}
