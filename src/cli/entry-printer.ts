import type { ByteName } from '../base/names.ts';
import type { ViewEntry } from '../tree/view.ts';
import { entryJson, showPathIn } from './entry-json.ts';
import { EntryLines } from './output/entry-line.ts';
import type { Output } from './output/output.ts';

/** Prints entries one after another, the way the user wants them: as JSON, as long lines, or as names. */
export class EntryPrinter {
  readonly #output: Output;
  readonly #isLong: boolean;
  readonly #lines: EntryLines;

  constructor(output: Output, isLong: boolean) {
    this.#output = output;
    this.#isLong = isLong;
    this.#lines = new EntryLines(output.paint);
  }

  print(entry: ViewEntry, path: ByteName): void {
    if (this.#output.json) this.#output.line(JSON.stringify(entryJson(entry, path)));
    else if (this.#isLong) this.#output.line(this.#lines.line(entry, showPathIn(path)));
    else this.#output.line(this.#lines.name(entry, showPathIn(path)));
  }
}
