import { inspect } from 'node:util';

/** A text that must not be shown: printing, logging and JSON give a word in its place. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  /** The text without the secret, wherever somebody has echoed it. */
  redact(text: string): string {
    return this.#text === '' ? text : text.replaceAll(this.#text, '[secret]');
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
