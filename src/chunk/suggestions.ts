/** The boundaries that a scanner suggested and that the cutter has not passed yet, in growing order. */
export class Suggestions {
  #offsets: number[] = [];
  #first = 0;

  /** Notes an offset; one that is not greater than the last is ignored. A field, so that it can be handed to scanners as it is. */
  readonly add = (offset: number): void => {
    if (offset > (this.#offsets.at(-1) ?? 0)) this.#offsets.push(offset);
  };

  /** The first suggested offset after `offset`, Infinity when there is none; those up to it are forgotten, so `offset` never goes back. */
  after(offset: number): number {
    while (this.#first < this.#offsets.length && (this.#offsets[this.#first] as number) <= offset) this.#first++;
    if (this.#first === this.#offsets.length) this.#first = 0;
    else return this.#offsets[this.#first] as number;
    if (this.#offsets.length > 0) this.#offsets = this.#offsets.slice(-1);
    return Number.POSITIVE_INFINITY;
  }

  clear(): void {
    this.#offsets = [];
    this.#first = 0;
  }
}
