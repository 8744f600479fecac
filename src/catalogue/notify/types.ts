import type { EventKind } from '../types.ts';

/**
 * Notifications: somebody is told of changes that an owner's rule flags. Changes are gathered (`notifier.ts`), so that a burst is one
 * notification with counts, and delivered by each channel at its own pace (`delivery.ts`).
 */

/** A change to tell of. */
export interface FlaggedChange {
  readonly kind: EventKind;
  /** Legible (`showName`), absolute. */
  readonly path: string;
  /** Id of its owner. */
  readonly owner: string;
  /** Who made it, for people; undefined where that is not known. */
  readonly by: string | undefined;
  /** ns since 1970. */
  readonly time: bigint;
}

/** What happened in a while. Also the form in which it is sent (docs/formats.md, "Notifications"). */
export interface Notification {
  readonly format: 1;
  readonly host: string;
  /** First and last change, as ISO 8601 in UTC. */
  readonly from: string;
  readonly to: string;
  readonly changes: number;
  /** How many of each kind; kinds without any are left out. */
  readonly kinds: Readonly<Partial<Record<EventKind, number>>>;
  /** How many of each owner; beyond the first hundred owners under `…`. */
  readonly owners: Readonly<Record<string, number>>;
  /** The first few, as examples. */
  readonly examples: readonly Example[];
}

export interface Example {
  readonly kind: EventKind;
  readonly path: string;
  readonly owner: string;
  readonly by?: string;
}

/** A way to somebody. Throws ChannelError when it fails, and the signal's reason when that is aborted. */
export interface Channel {
  /** For people; without what is secret. */
  readonly name: string;
  send(notification: Notification, signal: AbortSignal): Promise<void>;
}
