import type { Writer } from './write/writer.ts';

/**
 * Up to which sync everything that the kernel had queued by then has become rows, whatever has come since. So it is when nothing is being scanned, but for what may be in limbo yet: that is
 * waited for as far as it had come there by such a moment.
 */
export class SettledSyncs {
  readonly #writer: Pick<Writer, 'detached' | 'hasLimbo' | 'hasLimboUpTo'>;
  /** Of a moment in which nothing was being scanned: up to which sync everything had been told, and how many nodes had come into limbo. */
  #settling: { readonly synced: number; readonly detached: number } | undefined;
  #last = 0;

  constructor(writer: Pick<Writer, 'detached' | 'hasLimbo' | 'hasLimboUpTo'>) {
    this.#writer = writer;
  }

  get last(): number {
    return this.#last;
  }

  /** To be called when nothing is being scanned or compared, and everything is looked at that was queued up to a sync. */
  settle(synced: number): void {
    const writer = this.#writer;
    const now = { synced, detached: writer.detached };
    this.#settling ??= now;
    if (writer.hasLimboUpTo(this.#settling.detached)) return;
    this.#last = writer.hasLimbo ? this.#settling.synced : synced;
    this.#settling = writer.hasLimbo ? now : undefined;
  }
}
