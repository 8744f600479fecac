import type { Progress } from '../../base/progress.ts';
import { plainProgressLine, progressLine } from './progress-line.ts';
import type { Sink } from './sink.ts';

export type ProgressStyle = 'terminal' | 'plain' | 'json' | 'none';

/** How often progress is shown, and how long work must take to be worth it. */
const TIMING = {
  terminal: { everyMs: 100, afterMs: 200 },
  plain: { everyMs: 5000, afterMs: 5000 },
  json: { everyMs: 500, afterMs: 500 },
  none: { everyMs: Number.POSITIVE_INFINITY, afterMs: Number.POSITIVE_INFINITY },
};
/** Also of terminals that say 0. */
const DEFAULT_COLUMNS = 80;
const CLEAR_LINE = '\r\x1b[K';

/** Shows progress on standard error (I3): one line redrawn on a terminal, else a line now and then, or a JSON object. */
export class ProgressView {
  readonly #sink: Sink;
  readonly #style: ProgressStyle;
  #phase = '';
  #startedAt = 0;
  #nextAt = 0;
  #isDrawn = false;

  constructor(sink: Sink, style: ProgressStyle) {
    this.#sink = sink;
    this.#style = style;
  }

  /** As cheap as a look at the clock when it is not yet time to draw. */
  update(progress: Progress): void {
    const now = performance.now();
    if (progress.phase !== this.#phase) {
      this.#phase = progress.phase;
      this.#startedAt = now;
      this.#nextAt = now + TIMING[this.#style].afterMs;
    }
    if (now < this.#nextAt) return;
    this.#nextAt = now + TIMING[this.#style].everyMs;
    this.#draw(progress, now - this.#startedAt);
  }

  /** Takes the line away, so that something else can be printed; the next update draws it again. */
  clear(): void {
    if (!this.#isDrawn) return;
    this.#sink.write(CLEAR_LINE);
    this.#sink.flush();
    this.#isDrawn = false;
  }

  #draw(progress: Progress, elapsedMs: number): void {
    if (this.#style === 'json') this.#sink.write(`${JSON.stringify({ progress: { ...progress, elapsedMs: Math.round(elapsedMs) } })}\n`);
    else if (this.#style === 'plain') this.#sink.write(`${plainProgressLine(progress, elapsedMs)}\n`);
    else this.#sink.write(CLEAR_LINE + progressLine(progress, elapsedMs, (process.stderr.columns || DEFAULT_COLUMNS) - 1));
    this.#sink.flush();
    this.#isDrawn = this.#style === 'terminal';
  }
}
