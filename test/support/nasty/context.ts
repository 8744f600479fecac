/** What to make, and where to say what could not be made here. */
export interface NastyContext {
  readonly scale: number;
  readonly beyondPathMax: boolean;
  readonly isRoot: boolean;
  skip(what: string): void;
}
