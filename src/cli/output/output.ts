import type { ProgressListener } from '../../base/progress.ts';
import type { ItemError } from '../../tree/types.ts';
import type { Failure } from '../failure.ts';
import type { GlobalValues } from '../options.ts';
import { type Paint, paintFor } from './colours.ts';
import { type ProgressStyle, ProgressView } from './progress-view.ts';
import { Sink } from './sink.ts';

export type OutputMode = Pick<GlobalValues, 'json' | 'quiet' | 'verbose' | 'debug'>;

/**
 * What a command says. Results go to standard output, as text or as JSON; everything said about them goes to standard error. Methods that write throw ReaderGoneError
 * once nobody reads.
 */
export class Output {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** For results. */
  readonly paint: Paint;
  readonly #debug: boolean;
  readonly #out: Sink;
  readonly #err: Sink;
  readonly #progress: ProgressView;
  readonly #outIsTerminal: boolean;
  readonly #paintError: Paint;

  private constructor(mode: OutputMode, out: Sink, err: Sink, terminals: { readonly out: boolean; readonly err: boolean }) {
    this.json = mode.json;
    this.quiet = mode.quiet;
    this.verbose = mode.verbose;
    this.#debug = mode.debug;
    this.#out = out;
    this.#err = err;
    this.#outIsTerminal = terminals.out;
    this.paint = paintFor(terminals.out);
    this.#paintError = paintFor(terminals.err);
    this.#progress = new ProgressView(err, progressStyle(mode, terminals.err));
  }

  static open(mode: OutputMode): Output {
    const out = new Sink(1);
    const err = new Sink(2);
    return new Output(mode, out, err, { out: out.isTerminal, err: err.isTerminal });
  }

  /** Hand this to work that takes long. */
  readonly onProgress: ProgressListener = (progress) => this.#progress.update(progress);

  /** A result, as an object with --json and else as lines of text. */
  result(value: unknown, lines: () => readonly string[]): void {
    if (this.json) this.line(JSON.stringify(value));
    else for (const line of lines()) this.line(line);
  }

  /** A line of a result. */
  line(text: string): void {
    this.#progress.clear();
    this.#out.write(`${text}\n`);
    if (this.#outIsTerminal) this.#out.flush();
  }

  /** Bytes of a result. */
  bytes(bytes: Uint8Array): void {
    this.#out.writeBytes(bytes);
  }

  /** Something worth knowing that is no result. */
  note(text: string): void {
    if (!this.quiet && !this.json) this.#say(text);
  }

  /** What makes a result doubtful, or less than was asked for: a program has to know that as well. */
  warning(text: string): void {
    if (this.json) this.#say(JSON.stringify({ warning: text }));
    else this.note(text);
  }

  /** A note for those who want to know more. */
  detail(text: string): void {
    if (this.verbose) this.note(text);
  }

  /** One item failed while the rest goes on. */
  readonly itemError = (error: ItemError): void => {
    if (this.json) this.#say(JSON.stringify({ error }));
    else this.#say(`${this.#paintError('yellow', 'varve:')} ${error.path}: ${error.message}`);
  };

  /** The command failed, or did not do all. Advice stands on a line of its own. */
  failure({ code, message, advice, stack }: Omit<Failure, 'status'>): void {
    if (this.json) {
      this.#say(JSON.stringify({ error: { code, message, ...(advice !== undefined && { advice }), ...(this.#debug && { stack }) } }));
      return;
    }
    this.#say(`${this.#paintError('red', 'varve:')} ${message}`);
    if (advice !== undefined) this.#say(advice);
    if (this.#debug) this.#say(stack);
  }

  /** Does what holds up others, as a transaction does, without waiting for a slow reader of the results; see Sink. */
  withoutWaiting<T>(work: () => T): T {
    return this.#out.withoutWaiting(work);
  }

  flush(): void {
    this.#progress.clear();
    this.#out.flush();
    this.#err.flush();
  }

  #say(text: string): void {
    this.#progress.clear();
    this.#err.write(`${text}\n`);
    this.#err.flush();
  }
}

function progressStyle({ json, quiet }: OutputMode, isTerminal: boolean): ProgressStyle {
  if (quiet) return 'none';
  if (json) return 'json';
  return isTerminal && process.env.TERM !== 'dumb' ? 'terminal' : 'plain';
}
