/** Data to save, made once in a cache folder from what the machine has, the same for every tool of a run. */
export interface Corpus {
  readonly name: string;
  /** One line for the reader of the table. */
  readonly about: string;
  /** Fills `folder`, which exists and is empty. A series makes one folder for each revision, named `1`, `2`, …. */
  make(folder: string): Promise<void> | void;
}
