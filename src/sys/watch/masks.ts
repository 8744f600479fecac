import type { Writing } from './event-list.ts';

/** Kinds of events: bits of the same meaning in inotify and fanotify (include/uapi/linux: inotify.h, fanotify.h). */
export const MODIFY = 0x2;
export const ATTRIB = 0x4;
export const CLOSE_WRITE = 0x8;
export const MOVED_FROM = 0x40;
export const MOVED_TO = 0x80;
export const CREATE = 0x100;
export const DELETE = 0x200;
export const DELETE_SELF = 0x400;
export const MOVE_SELF = 0x800;
export const QUEUE_OVERFLOW = 0x4000;
export const ON_DIRECTORY = 0x4000_0000;

/**
 * What a mask says of content. fanotify merges events that nobody has read yet, so both may be in one: then a close was last, or a second writer
 * modified it behind that and will close it in turn.
 */
export function writingOf(mask: number): Writing {
  if ((mask & CLOSE_WRITE) !== 0) return 'closed';
  return (mask & (MODIFY | ON_DIRECTORY)) === MODIFY ? 'modified' : undefined;
}
