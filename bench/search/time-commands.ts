/**
 * Runs commands and measures them, in a process of its own: to start a program takes a process the longer the more memory it has, and one that holds a million names would
 * add tens of milliseconds to each. Reads a list of `Command` from standard input; prints a list of `Timing`.
 */
import { readFileSync } from 'node:fs';
import type { Command } from '../peers/types.ts';
import { type Timing, timeCommand } from './time-command.ts';

const timings: Timing[] = [];
for (const command of JSON.parse(readFileSync(0, 'utf8')) as Command[]) timings.push(await timeCommand(command));
console.log(JSON.stringify(timings));
