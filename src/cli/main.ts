/** Where `varve` begins. Only what every start needs is loaded here: the rest, and each command, when it is called for. */
void main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) return printVersion();
  const { runProgram } = await import('./program.ts');
  // Everything has been closed and written: what some library still waits for is not worth waiting for.
  process.exit(await runProgram(await understood(args)));
}

/** Names that are no UTF-8 are rare: what reads them is loaded for them alone. */
async function understood(args: readonly string[]): Promise<readonly string[]> {
  if (!args.some((arg) => arg.includes('\ufffd'))) return args;
  return (await import('./raw-arguments.ts')).rawArguments(args);
}

/** The console would load sockets and streams for a line. */
async function printVersion(): Promise<void> {
  const { version } = await import('./version.ts');
  const { ReaderGoneError, Sink } = await import('./output/sink.ts');
  const output = new Sink(1);
  output.write(`${version()}\n`);
  try {
    output.flush();
  } catch (error) {
    if (!(error instanceof ReaderGoneError)) throw error;
  }
}
