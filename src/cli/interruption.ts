import { EXIT } from './failure.ts';

/** The user pressed Ctrl-C, or the system asked the process to end. */
export class Interruption extends Error {
  constructor(signal: string) {
    super(`interrupted by ${signal}`);
    this.name = 'Interruption';
  }
}

/** Aborted by the first SIGINT, SIGTERM or SIGHUP, so that work stops where it is safe; a second one ends the process at once. */
export function abortOnInterruption(onFirst: () => void): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(EXIT.interrupted);
      controller.abort(new Interruption(name));
      onFirst();
    });
  }
  return controller.signal;
}
