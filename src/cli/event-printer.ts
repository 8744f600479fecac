import { showName } from '../base/names.ts';
import { timeOf } from '../catalogue/history/past-tree.ts';
import type { PastEvent } from '../catalogue/history/types.ts';
import { eventJson, makerText } from './event-json.ts';
import { formatSize } from './output/amounts.ts';
import type { Colour } from './output/colours.ts';
import type { Output } from './output/output.ts';
import { pad } from './output/table.ts';
import { textWidth } from './output/text-width.ts';
import { formatTime } from './output/times.ts';

const SIGNS: Readonly<Record<PastEvent['kind'], readonly [sign: string, colour: Colour]>> = {
  created: ['+', 'green'],
  deleted: ['-', 'red'],
  modified: ['M', 'yellow'],
  attributes: ['T', 'blue'],
  moved: ['R', 'cyan'],
  rotted: ['!', 'red'],
  unwatched: ['x', 'dim'],
};

/** Prints events one after another. The column of programs stays as wide as the widest so far, so that a list need not be gathered first. */
export class EventPrinter {
  readonly #output: Output;
  #makerWidth = 16;

  constructor(output: Output) {
    this.#output = output;
  }

  print(event: PastEvent): void {
    if (this.#output.json) return this.#output.line(JSON.stringify(eventJson(event)));
    const [sign, colour] = SIGNS[event.kind];
    const { time, before, after, maker } = event;
    const state = after ?? before;
    const size = state?.kind === 'file' ? formatSize(state.size) : '';
    const who = makerText(maker);
    this.#makerWidth = Math.max(this.#makerWidth, textWidth(who));
    const columns = [formatTime(timeOf(time)), pad(size, 9, 'right'), pad(who, this.#makerWidth, 'left'), `${sign} ${placeText(event)}`];
    this.#output.line(this.#output.paint(colour, columns.join('  ')));
  }
}

function placeText({ path, from, before, after }: PastEvent): string {
  const slash = (after ?? before)?.kind === 'directory' ? '/' : '';
  const shown = `${path === undefined ? '?' : showName(path)}${slash}`;
  return from === undefined ? shown : `${showName(from)}${slash} → ${shown}`;
}
