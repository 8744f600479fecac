/** How much a line of the log matters. `error`: something that varve was to do was not done. */
export type LogLevel = 'info' | 'warning' | 'error';

/** Where a process without a terminal says what happens to it. Writing never throws and never waits. */
export interface Log {
  /** `message` is a sentence without figures, so that its like can be found; figures and names stand in `fields`. Errors among them are written with their stacks. No secrets. */
  write(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
}
