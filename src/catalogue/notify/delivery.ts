import { setTimeout as sleep } from 'node:timers/promises';
import { VarveError } from '../../base/errors.ts';
import { ChannelError } from './errors.ts';
import { merge } from './merge.ts';
import type { Channel, Notification } from './types.ts';

export interface DeliveryOptions {
  /** Called for each notification that is given up, with the last reason. */
  readonly onFailure: (notification: Notification, error: VarveError) => void;
  /** Before the second attempt; doubled for each further one. Default 1 s. */
  readonly firstWaitMs?: number;
  readonly maxWaitMs?: number;
  /** Default 8: with waits from 1 s on, somewhat over two minutes. */
  readonly attempts?: number;
}

/**
 * Delivers by one channel, one notification at a time, again and again with growing pauses where it fails. While it is busy, what comes is
 * merged into one that waits; so the queue has one place, and no count is lost.
 */
export class Delivery {
  readonly #channel: Channel;
  readonly #options: Required<DeliveryOptions>;
  readonly #stop = new AbortController();
  #waiting: Notification | undefined;
  #running: Promise<void> | undefined;

  constructor(channel: Channel, options: DeliveryOptions) {
    this.#channel = channel;
    this.#options = { firstWaitMs: 1000, maxWaitMs: 60_000, attempts: 8, ...options };
  }

  /** Never waits and never throws. Nothing happens after `close`. */
  send(notification: Notification): void {
    if (this.#stop.signal.aborted) return;
    this.#waiting = this.#waiting ? merge(this.#waiting, notification) : notification;
    this.#running ??= this.#run();
  }

  /** Waits until all is delivered or given up, `timeoutMs` at the most; what is not by then is given up. */
  async close(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => this.#stop.abort(new VarveError('STOPPED', 'varve has ended')), timeoutMs);
    await this.#running;
    clearTimeout(timer);
    this.#stop.abort(new VarveError('STOPPED', 'varve has ended'));
  }

  async #run(): Promise<void> {
    while (this.#waiting) {
      const notification = this.#waiting;
      this.#waiting = undefined;
      try {
        await this.#deliver(notification);
      } catch (error) {
        if (!(error instanceof VarveError)) throw error;
        this.#options.onFailure(notification, error);
      }
    }
    this.#running = undefined;
  }

  async #deliver(notification: Notification): Promise<void> {
    const { attempts, firstWaitMs, maxWaitMs } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        this.#stop.signal.throwIfAborted();
        return await this.#channel.send(notification, this.#stop.signal);
      } catch (error) {
        if (!(error instanceof ChannelError) || error.isLasting || attempt >= attempts) throw error;
        const backOffMs = Math.min(maxWaitMs, firstWaitMs * 2 ** (attempt - 1));
        // Some randomness, so that many machines do not come back at once; what the other side asks for is bounded too.
        const waitMs = Math.max(backOffMs * (0.75 + Math.random() / 2), Math.min(error.waitMs ?? 0, maxWaitMs));
        await sleep(waitMs, undefined, { signal: this.#stop.signal }).catch(() => {});
      }
    }
  }
}
