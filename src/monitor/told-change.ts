import { type ByteName, nameToBytes } from '../base/names.ts';
import type { Change, FileState } from './types.ts';

/** A change; paths are made legible when somebody reads them. */
export class ToldChange implements Change {
  readonly old: FileState | undefined;
  readonly new: FileState | undefined;
  readonly isFirst: boolean;
  readonly #path: ByteName;
  readonly #from: ByteName | undefined;

  constructor(path: ByteName, old: FileState | undefined, now: FileState | undefined, isFirst: boolean, from?: ByteName) {
    this.#path = path;
    this.#from = from;
    this.old = old;
    this.new = now;
    this.isFirst = isFirst;
  }

  get path(): string {
    return nameToBytes(this.#path).toString();
  }
  get pathBytes(): Uint8Array {
    return nameToBytes(this.#path);
  }
  get from(): string | undefined {
    return this.#from === undefined ? undefined : nameToBytes(this.#from).toString();
  }
  get fromBytes(): Uint8Array | undefined {
    return this.#from === undefined ? undefined : nameToBytes(this.#from);
  }
}
