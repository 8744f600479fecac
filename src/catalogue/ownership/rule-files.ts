import { join } from 'node:path';
import { type LoadedRules, loadRules, ruleFiles } from '../owners/read-rules.ts';
import { fileStamp } from '../packages/file-stamp.ts';

/** So often it is looked whether rules have changed: soon enough for whoever has just written one. */
const LOOK_MS = 3000;

/** The user's rules, which are read again when a file of them changes; what cannot be read stays as it was. */
export class RuleFiles {
  readonly #folder: string;
  #loaded: LoadedRules;
  #stamp: string;
  #timer: NodeJS.Timeout | undefined;
  #isLoading = false;

  private constructor(folder: string, stamp: string, loaded: LoadedRules) {
    this.#folder = folder;
    this.#stamp = stamp;
    this.#loaded = loaded;
  }

  /** Reads the rules of a folder, which need not exist, with the shipped ones. */
  static async read(folder: string): Promise<RuleFiles> {
    // Before they are read: what changes meanwhile is read again.
    const stamp = stampOf(folder);
    return new RuleFiles(folder, stamp, await loadRules(folder));
  }

  /** What was read last. */
  get loaded(): LoadedRules {
    return this.#loaded;
  }

  /** Looks every few seconds from now on. */
  watch(onLoaded: (loaded: LoadedRules) => void, onFailure: (error: unknown) => void): void {
    this.#timer = setInterval(() => void this.look(onLoaded).catch(onFailure), LOOK_MS).unref();
  }

  /** Reads them when they have changed. */
  async look(onLoaded: (loaded: LoadedRules) => void): Promise<void> {
    if (this.#isLoading) return;
    const stamp = stampOf(this.#folder);
    if (stamp === this.#stamp) return;
    this.#isLoading = true;
    try {
      this.#loaded = await loadRules(this.#folder, this.#loaded);
      this.#stamp = stamp;
    } finally {
      this.#isLoading = false;
    }
    onLoaded(this.#loaded);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

/** Differs whenever a rule may have come, gone or changed. Some microseconds a file. */
function stampOf(folder: string): string {
  const { files } = ruleFiles(folder);
  return [fileStamp(folder), ...files.map((file) => `${file} ${fileStamp(join(folder, file))}`)].join('\n');
}
