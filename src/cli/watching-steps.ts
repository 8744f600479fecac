import type { DaemonStatus } from '../serve/types.ts';
import { howToCall } from './how-to-call.ts';
import { counted, formatSize } from './output/amounts.ts';
import { factLines } from './output/table.ts';
import { shellQuote } from './shell-quote.ts';

/** What is watched now, and commands to go on with: literal ones, that work when pasted. */
export function watchingLines({ roots }: DaemonStatus): string[] {
  const varve = howToCall();
  const [first] = roots;
  const path = shellQuote(first?.path ?? '.');
  const steps: (readonly [string, string])[] = [
    ['how it goes', `${varve} status`],
    ['what happens', `${varve} events --follow`],
    ['versions of a file', `${varve} log ${path}/FILE`],
    ['as it was', `${varve} ls ${shellQuote(`${first?.path ?? '.'}@1h`)}`],
    ['find a name', `${varve} search TEXT`],
    ['undo', `${varve} undo ${path} --since 1h`],
    ['end', `${varve} stop`],
  ];
  return [
    ...roots.map(
      ({ path: root, nodes, kept, bytes, watcher }) =>
        `Watching ${root} (${watcher}): ${counted(nodes, 'file and folder', 'files and folders')}, ${formatSize(bytes)}, ${counted(kept, 'file')} kept.`,
    ),
    '',
    'What to type next, in another terminal:',
    ...factLines(steps).map((line) => `  ${line}`),
  ];
}
