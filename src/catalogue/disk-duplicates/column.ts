type Numbers = Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** Numbers of one kind, to which more are added. */
export class Column<Kind extends Numbers> {
  readonly #kind: new (
    length: number,
  ) => Kind;
  #values: Kind;
  #length = 0;

  constructor(kind: new (length: number) => Kind) {
    this.#kind = kind;
    this.#values = new kind(1 << 12);
  }

  get length(): number {
    return this.#length;
  }
  /** With room behind the last of them. Others stand there after more were added. */
  get values(): Kind {
    return this.#values;
  }

  add(value: number): void {
    if (this.#length === this.#values.length) this.#reserve(1);
    this.#values[this.#length++] = value;
  }

  /** One by one, for a few. */
  copy(from: ArrayLike<number>, start: number, end: number): void {
    this.#reserve(end - start);
    for (let i = start; i < end; i++) this.#values[this.#length++] = from[i] as number;
  }

  append(numbers: Kind): void {
    this.#reserve(numbers.length);
    this.#values.set(numbers, this.#length);
    this.#length += numbers.length;
  }

  /** All of them, in a buffer of their own; this begins anew. */
  take(): Kind {
    const taken = this.#values.slice(0, this.#length) as Kind;
    this.#length = 0;
    return taken;
  }

  #reserve(count: number): void {
    const length = this.#length + count;
    if (length <= this.#values.length) return;
    const larger = new this.#kind(Math.max(length, this.#values.length * 2));
    larger.set(this.#values);
    this.#values = larger;
  }
}
