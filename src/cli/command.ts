import type { CommandDescription, OptionSet, OptionValues } from './command-description.ts';
import type { Context } from './context.ts';

/** A command as data. Its name and summary stand in the catalogue, so that listing commands loads none. */
export interface Command<Options extends OptionSet = OptionSet> extends CommandDescription<Options> {
  /**
   * It only asks, in one go, during which no signal would be told to it: so Ctrl-C is left to the system, which ends it wherever it is. That also spares its start
   * some two milliseconds.
   */
  readonly onlyAsks?: true;
  /** Throws what goes wrong; a part that failed is told to the context. */
  run(context: Context, args: readonly string[], options: OptionValues<Options>): Promise<void>;
}

/** A command whose options are known to its own file alone. */
export type AnyCommand = Command<OptionSet>;

/** Lets `run` know the types of its options. */
export function defineCommand<const Options extends OptionSet>(command: Command<Options>): AnyCommand {
  return command as unknown as AnyCommand;
}
