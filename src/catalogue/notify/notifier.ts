import { hostname } from 'node:os';
import { Delivery, type DeliveryOptions } from './delivery.ts';
import { Tally } from './merge.ts';
import type { Channel, FlaggedChange } from './types.ts';

export interface NotifierOptions extends DeliveryOptions {
  /** A notification goes out when nothing has come for so long. Default 2 s. */
  readonly quietMs?: number;
  /** And at the latest so long after its first change. Default 30 s. */
  readonly maxDelayMs?: number;
}

/** Gathers flagged changes and tells them by all channels. One for a process; memory does not grow with the number of changes. */
export class Notifier {
  readonly #deliveries: readonly Delivery[];
  readonly #quietMs: number;
  readonly #maxDelayMs: number;
  #tally = new Tally();
  #timer: NodeJS.Timeout | undefined;
  #deadlineMs = 0;

  constructor(channels: readonly Channel[], options: NotifierOptions) {
    this.#deliveries = channels.map((channel) => new Delivery(channel, options));
    this.#quietMs = options.quietMs ?? 2000;
    this.#maxDelayMs = options.maxDelayMs ?? 30_000;
  }

  /** Never waits and never throws. */
  note(change: FlaggedChange): void {
    if (this.#deliveries.length === 0) return;
    const nowMs = performance.now();
    if (this.#tally.isEmpty) this.#deadlineMs = nowMs + this.#maxDelayMs;
    this.#tally.add(change);
    const delayMs = Math.min(this.#quietMs, this.#deadlineMs - nowMs);
    // Waiting anew for each change of a burst: the same timer, started again.
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.flush(), delayMs);
    else if (delayMs === this.#quietMs) this.#timer.refresh();
  }

  /** Sends what was gathered at once. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#tally.isEmpty) return;
    const notification = this.#tally.notification(hostname());
    this.#tally = new Tally();
    for (const delivery of this.#deliveries) delivery.send(notification);
  }

  /** Flushes, and waits until all is delivered or given up, `timeoutMs` at the most. */
  async close(timeoutMs: number): Promise<void> {
    this.flush();
    await Promise.all(this.#deliveries.map((delivery) => delivery.close(timeoutMs)));
  }
}
