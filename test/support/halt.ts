import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { until } from './until.ts';

/** Stops a program until it gets SIGCONT. What it was about when the signal came, a system call that is under way, is done when this resolves. Linux alone. */
export async function halt(program: ChildProcess): Promise<void> {
  program.kill('SIGSTOP');
  await until(() => readFileSync(`/proc/${program.pid}/stat`, 'latin1').includes(') T '));
}
