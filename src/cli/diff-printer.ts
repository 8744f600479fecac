import type { TextDifference } from '../tree/diff/text-diff.ts';
import type { Change } from '../tree/diff/types.ts';
import { sizeOf, type TreeView, type ViewEntry } from '../tree/view.ts';
import { entryJson, showPathIn } from './entry-json.ts';
import { counted, formatSize } from './output/amounts.ts';
import type { Colour } from './output/colours.ts';
import type { Output } from './output/output.ts';

/** Where the bytes of files are, for showing how they differ. */
export interface DiffContents {
  readonly before: TreeView;
  readonly after: TreeView;
  readonly signal: AbortSignal;
}

const SIGNS: Readonly<Record<Change['kind'], readonly [sign: string, colour: Colour]>> = {
  created: ['+', 'green'],
  deleted: ['-', 'red'],
  modified: ['M', 'yellow'],
  attributes: ['T', 'blue'],
  moved: ['R', 'cyan'],
  copied: ['C', 'cyan'],
};

/** Prints changes one after another, and sums them up. */
export class DiffPrinter {
  readonly #output: Output;
  readonly #contents: DiffContents | undefined;
  readonly #counts = new Map<Change['kind'], number>();
  #bytes = 0;

  constructor(output: Output, contents: DiffContents | undefined) {
    this.#output = output;
    this.#contents = contents;
  }

  async print(change: Change): Promise<void> {
    const { kind, path } = change;
    const { before, after, from } = { before: undefined, after: undefined, from: undefined, ...change };
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    // What moved or was copied takes no room of its own.
    if (kind !== 'moved' && kind !== 'copied') this.#bytes += (after ? sizeOf(after) : 0) - (before ? sizeOf(before) : 0);
    const text = await this.#textDifference(change, before, after);
    if (this.#output.json) {
      const sides = { ...(before && { before: entryJson(before, from ?? path) }), ...(after && { after: entryJson(after, path) }) };
      this.#output.line(
        JSON.stringify({
          kind,
          path: showPathIn(path),
          ...(from !== undefined && { from: showPathIn(from) }),
          ...sides,
          ...(text && { text }),
        }),
      );
      return;
    }
    const [sign, colour] = SIGNS[kind];
    const isFolder = (after ?? before)?.kind === 'directory';
    const where = from === undefined ? showPathIn(path) : `${showPathIn(from)} → ${showPathIn(path)}`;
    this.#output.line(this.#output.paint(colour, `${sign} ${where}${isFolder ? '/' : ''}`));
    if (text) await this.#printText(text, change, before, after);
  }

  /** How many changes of each kind there were, and how much was added. */
  summary(): string {
    if (this.#counts.size === 0) return 'No difference.';
    const parts = [...this.#counts].map(([kind, count]) => `${count} ${kind}`);
    const total = [...this.#counts.values()].reduce((a, b) => a + b);
    return `${counted(total, 'change')}: ${parts.join(', ')}; ${this.#bytes < 0 ? '-' : '+'}${formatSize(Math.abs(this.#bytes))}.`;
  }

  async #textDifference(change: Change, before: ViewEntry | undefined, after: ViewEntry | undefined): Promise<TextDifference | undefined> {
    if (!this.#contents || !['created', 'deleted', 'modified'].includes(change.kind) || (after ?? before)?.kind !== 'file')
      return undefined;
    const { diffText } = await import('../tree/diff/text-diff.ts');
    return diffText(...this.#sides(change, before, after), this.#contents.signal);
  }

  async #printText(text: TextDifference, change: Change, before: ViewEntry | undefined, after: ViewEntry | undefined): Promise<void> {
    if (text.kind === 'binary') return this.#output.line('  binary');
    if (text.kind === 'too-different') return this.#output.line('  too large or too different for a comparison of lines');
    const { unifiedLines } = await import('../tree/diff/text-diff.ts');
    for (const line of unifiedLines(...this.#sides(change, before, after), text.hunks)) {
      const colour = line.startsWith('+') ? 'green' : line.startsWith('-') ? 'red' : line.startsWith('@@') ? 'cyan' : undefined;
      this.#output.line(colour ? this.#output.paint(colour, line) : line);
    }
  }

  #sides(change: Change, before: ViewEntry | undefined, after: ViewEntry | undefined) {
    const contents = this.#contents as DiffContents;
    const from = 'from' in change && change.from !== undefined ? change.from : change.path;
    return [
      before && { view: contents.before, path: from, entry: before },
      after && { view: contents.after, path: change.path, entry: after },
    ] as const;
  }
}
