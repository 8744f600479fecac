/** What a command takes, and what is said of it. Parsing, help, manual pages and completions are all made from this, so that they cannot disagree. */
export interface CommandDescription<Options extends OptionSet = OptionSet> {
  /** Paragraphs for help and manual page. */
  readonly description: readonly string[];
  readonly arguments: readonly Argument[];
  readonly options: Options;
  readonly examples: readonly [Example, Example, ...Example[]];
  /** What `--json` prints, in a sentence. Undefined where there is nothing to print. */
  readonly json?: string;
  /** Said after Ctrl-C: what was kept. */
  readonly interrupted?: string;
}

/** The description of a command with what the catalogue says of it. */
export interface NamedCommand extends CommandDescription {
  readonly name: string;
  readonly summary: string;
}

export interface Example {
  readonly command: string;
  readonly about: string;
}

/** A positional argument. */
export interface Argument {
  /** In capitals. */
  readonly name: string;
  readonly about: string;
  readonly optional?: boolean;
  /** It may be repeated; only the last one may. */
  readonly many?: boolean;
  /** An empty text means something; otherwise it is refused. */
  readonly mayBeEmpty?: boolean;
  readonly complete?: Completion;
}

/** What a shell offers for an argument or the value of an option. */
export type Completion = 'file' | 'folder' | 'archive' | readonly string[];

export type OptionSet = Readonly<Record<string, Option<unknown>>>;

/** The key in an option set is the long flag in camel case; for `--no-x` it is `x`. */
export interface Option<Value> {
  /** `-n, --dry-run`, or with the name of a value `--note TEXT`. */
  readonly flags: string;
  readonly about: string;
  readonly fallback: Value;
  /** Makes the value of a text. Throws RangeError with what was wanted. Absent for flags. */
  readonly read?: (text: string) => unknown;
  /** It may be repeated, and its value is a list. */
  readonly many?: boolean;
  /** Of one that may be repeated: commas part further values. */
  readonly hasCommas?: boolean;
  readonly complete?: Completion;
}

export type OptionValues<Options extends OptionSet> = {
  readonly [Key in keyof Options]: Options[Key] extends Option<infer Value> ? Value : never;
};
