/** Where `varve` begins. Only what every start needs is loaded here: the rest, and each command, when it is called for. */
void main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    const { version } = await import('./version.ts');
    console.log(version());
    return;
  }
  const { runProgram } = await import('./program.ts');
  // Everything has been closed and written: what some library still waits for is not worth waiting for.
  process.exit(await runProgram(args));
}
