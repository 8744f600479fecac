import { UsageError } from '../base/errors.ts';
import { CATALOGUE, loadAllCommands, loadCommand } from './catalogue.ts';
import type { AnyCommand } from './command.ts';
import { Context } from './context.ts';
import { describeFailure, EXIT } from './failure.ts';
import { abortOnInterruption } from './interruption.ts';
import { Output, type OutputMode } from './output/output.ts';
import { ReaderGoneError } from './output/sink.ts';
import type { Parsed } from './parse.ts';

/** Runs the command line and returns its exit status. Never rejects. */
export async function runProgram(args: readonly string[]): Promise<number> {
  // Until the arguments are understood, errors are told in the way that they ask for at first sight.
  let output = Output.open(modeAtFirstSight(args));
  try {
    const { name, rest } = takeCommandName(args);
    if (name === undefined && rest.some((arg) => arg === '--version' || arg === '-V')) return await showVersion(output);
    if (name === undefined && !asksForHelp(rest)) throw new UsageError('a command is needed', 'All commands: varve --help');
    if (name === undefined || name === 'help' || asksForHelp(rest)) return await showHelp(output, name === 'help' ? rest[0] : name);
    const command = await loadCommand(name);
    const { parseArguments } = await import('./parse.ts');
    const parsed = parseArguments(command, rest);
    output = Output.open(parsed.globals);
    return await runCommand(command, parsed, output);
  } catch (error) {
    return tell(error, output);
  }
}

async function runCommand(command: AnyCommand, { args, options, globals }: Parsed, output: Output): Promise<number> {
  let signal: AbortSignal | undefined;
  const listen = (): AbortSignal => {
    signal ??= abortOnInterruption(() => output.note('Stopping… (Ctrl-C again ends at once)'));
    return signal;
  };
  if (!command.onlyAsks) listen();
  const context = new Context(globals, output, listen, loadAllCommands);
  try {
    // Also for commands that ask for no setting: a name that is none would go unnoticed.
    if (globals.set.length > 0) await context.config();
    await command.run(context, args, options);
    await context.close();
    output.flush();
    return context.status;
  } catch (error) {
    const status = signal?.aborted && !(error instanceof ReaderGoneError) ? tellInterrupted(command, error, output) : tell(error, output);
    // The first failure is what counts: a store that broke is likely to break again when it is closed.
    await context.close().catch(() => {});
    return status;
  }
}

function tellInterrupted(command: AnyCommand, error: unknown, output: Output): number {
  output.flush();
  output.failure({ code: 'INTERRUPTED', message: 'interrupted', advice: command.interrupted, stack: describeFailure(error).stack });
  return EXIT.interrupted;
}

function tell(error: unknown, output: Output): number {
  if (error instanceof ReaderGoneError) return EXIT.done;
  const failure = describeFailure(error);
  try {
    output.flush();
  } catch (second) {
    if (second instanceof ReaderGoneError) return failure.status;
  }
  output.failure(failure);
  return failure.status;
}

async function showHelp(output: Output, name: string | undefined): Promise<number> {
  const { commandHelp, programHelp } = await import('./help/help-text.ts');
  const lines = name === undefined ? programHelp(CATALOGUE) : commandHelp(await loadCommand(name));
  for (const line of lines) output.line(line);
  output.flush();
  return EXIT.done;
}

/** With other options beside it; alone it never comes here. */
async function showVersion(output: Output): Promise<number> {
  const { version } = await import('./version.ts');
  output.result({ version: version() }, () => [version()]);
  output.flush();
  return EXIT.done;
}

/** The first argument that is no option; options before it are taken along. */
function takeCommandName(args: readonly string[]): { name?: string; rest: string[] } {
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] as string;
    if (arg === '--store' || arg === '--set') at++;
    else if (!arg.startsWith('-') || arg === '-') return { name: arg, rest: args.toSpliced(at, 1) };
  }
  return { rest: [...args] };
}

function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end < 0 ? undefined : end).some((arg) => arg === '--help' || arg === '-h');
}

function modeAtFirstSight(args: readonly string[]): OutputMode {
  return { json: args.includes('--json'), quiet: false, verbose: false, debug: args.includes('--debug') };
}
