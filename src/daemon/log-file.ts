import { existsSync, statSync } from 'node:fs';
import { appendFile, rename } from 'node:fs/promises';
import type { Log, LogLevel } from '../base/log.ts';

/** Some forty thousand lines; four older files are kept beside it. */
const MOST_BYTES = 8 << 20;
const OLDER_FILES = 4;
/** What waits for a disk that does not take it. More is dropped, and the next line that is written says how much. */
const MOST_WAITING_LINES = 10_000;

/**
 * The daemon's log: a JSON object a line with `time`, `level` and `message`, for its user alone. When the file is large it is renamed to `varve.log.1`, that one to
 * `varve.log.2`, and so on. Nobody ever waits for the disk, and a full one costs lines, not the daemon.
 */
export class LogFile implements Log {
  readonly #path: string;
  readonly #mostBytes: number;
  #bytes: number;
  #waiting: string[] = [];
  #dropped = 0;
  #writing: Promise<void> | undefined;

  constructor(path: string, mostBytes = MOST_BYTES) {
    this.#path = path;
    this.#mostBytes = mostBytes;
    this.#bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }

  write(level: LogLevel, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (this.#waiting.length >= MOST_WAITING_LINES) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }, writable)}\n`);
    this.#writing ??= this.#drain();
  }

  /** Resolves when all that was written is in the file, or was dropped. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #drain(): Promise<void> {
    // Lines of one turn of the event loop go into one write.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      try {
        await this.#append(lines);
      } catch {
        this.#dropped += lines.length;
      }
    }
    this.#writing = undefined;
  }

  async #append(lines: string[]): Promise<void> {
    if (this.#bytes >= this.#mostBytes) await this.#rotate();
    const dropped = this.#dropped;
    const text =
      lines.join('') +
      (dropped > 0 ? `${JSON.stringify({ level: 'warning', message: 'lines of the log were dropped', lines: dropped })}\n` : '');
    await appendFile(this.#path, text, { mode: 0o600 });
    this.#bytes += Buffer.byteLength(text);
    this.#dropped -= dropped;
  }

  async #rotate(): Promise<void> {
    for (let number = OLDER_FILES - 1; number > 0; number--) {
      if (existsSync(`${this.#path}.${number}`)) await rename(`${this.#path}.${number}`, `${this.#path}.${number + 1}`);
    }
    await rename(this.#path, `${this.#path}.1`);
    this.#bytes = 0;
  }
}

/** What JSON has no word for: errors are written with their stacks. */
function writable(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  return value instanceof Error ? value.stack : value;
}
