import { runProgram } from './run-program.ts';
import { titleOf } from './text.ts';
import type { Channel } from './types.ts';

/** Runs a program for each notification: the notification as JSON on its standard input, and one line about it in VARVE_NOTIFICATION. */
export function command(argv: readonly string[], timeoutMs = 30_000): Channel {
  const name = `command ${argv[0]}`;
  return {
    name,
    send(notification, signal) {
      const env = { ...process.env, VARVE_NOTIFICATION: titleOf(notification) };
      return runProgram(name, { argv, stdin: `${JSON.stringify(notification)}\n`, env, timeoutMs }, signal);
    },
  };
}
