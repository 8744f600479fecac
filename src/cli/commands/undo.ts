import { UsageError } from '../../base/errors.ts';
import { showName } from '../../base/names.ts';
import { atOneMoment } from '../../catalogue/database.ts';
import { KeptContents } from '../../catalogue/history/kept-contents.ts';
import { momentOf } from '../../catalogue/history/moments.ts';
import { watchedAt } from '../../catalogue/history/paths.ts';
import { carryOut } from '../../catalogue/history/undo/carry-out.ts';
import { pathOf, TRASH } from '../../catalogue/history/undo/places.ts';
import { planUndo } from '../../catalogue/history/undo/plan.ts';
import type { UndoItem, UndoOutcome } from '../../catalogue/history/undo/types.ts';
import { wallNs } from '../../sys/clock.ts';
import { defineCommand } from '../command.ts';
import { flag, text, value } from '../options.ts';
import { counted } from '../output/amounts.ts';
import type { Colour } from '../output/colours.ts';
import { knownPath, Past } from '../past.ts';
import { givenTime } from '../times-given.ts';
import { whyUnobserved } from '../why-unobserved.ts';

export default defineCommand({
  description: [
    'Makes a watched file or folder again what it was before --since: puts back what was changed or deleted, moves back what was moved, removes what came since. Prints what would be done; --yes does it.',
    `Nothing is overwritten or lost: whatever has to make way is moved into ${TRASH} at the top of the watched folder. So an undo can be undone, by another one. What cannot be put back, since its content was not kept or something else stands in its place, is left as it is and listed, and the exit status is 3.`,
    'Before it looks, it waits until the daemon has observed everything up to now. Where none runs, or that takes more than ten seconds, or changes may have been missed for another reason (see varve errors --gaps), it says so.',
  ],
  arguments: [{ name: 'PATH', about: 'A watched file or folder', complete: 'file' }],
  options: {
    since: value(
      '--since TIME',
      'Undo what happened at or after this time: "today 9:00", 2026-03-01T17:00, or 30min for half an hour ago',
      text,
    ),
    yes: flag('-y, --yes', 'Do it'),
  },
  json: 'One object a line: path, from (where it is, if elsewhere), do (a list of remove, create, move, content, attributes), refused (why it cannot be done); with --yes also done, error, and trash: where that is which made way.',
  examples: [
    { command: "varve undo ~/docs --since 'today 14:00'", about: 'What would it take to undo the afternoon?' },
    { command: 'varve undo ~/docs/report.odt --since 10min --yes', about: 'Take back the last ten minutes of one file' },
  ],
  async run(context, [text = ''], { since, yes }) {
    const { output, signal } = context;
    const start = await givenTime('--since', since);
    if (start === undefined)
      throw new UsageError('varve undo needs --since: a time', 'For instance: varve undo ~/docs --since "today 9:00"');
    if (start > BigInt(Date.now()) * 1_000_000n) throw new UsageError(`--since ${since} has not come yet`);
    using past = Past.open(context);
    const contents = new KeptContents(past.history, () => context.openStore());
    const path = knownPath(past, text);
    const unobserved = await whyUnobserved(context);
    const { items, isAllKnown } = atOneMoment(past.database, () => {
      // What came to be known only when the folder began to be watched did not come then.
      watchedAt(past.history, path, start - 1n);
      // What was missed in between, and no more, is in the catalogue by now.
      const isAllKnown = !past.tellGaps(path, [start - 1n, wallNs()], unobserved);
      return { items: planUndo(past.history, contents, path, momentOf(past.database, start - 1n)), isAllKnown };
    });
    const outcomes: readonly UndoOutcome[] =
      yes && items.length > 0
        ? await carryOut(items, { store: await context.openStore(), contents, name: new Date().toISOString(), signal })
        : items.map((item) => ({ item }));
    for (const outcome of outcomes) output.result(outcomeJson(outcome, yes), () => lines(outcome, output.paint));
    if (outcomes.some(({ item, failure }) => failure !== undefined || item.refused !== undefined)) context.partial();
    output.note(summary(outcomes, yes, isAllKnown));
  },
});

const SIGNS: Readonly<Record<UndoItem['steps'][number], readonly [sign: string, colour: Colour]>> = {
  remove: ['-', 'red'],
  create: ['+', 'green'],
  move: ['R', 'cyan'],
  content: ['M', 'yellow'],
  attributes: ['T', 'blue'],
};

function lines({ item, failure, trash }: UndoOutcome, paint: (colour: Colour, text: string) => string): string[] {
  const { steps, from, to, now, was, refused } = item;
  const [, colour] = SIGNS[steps[0] as UndoItem['steps'][number]];
  const slash = (was ?? now)?.kind === 'directory' ? '/' : '';
  const isMoved = steps.includes('move') && from !== undefined && to !== undefined;
  const end = to ?? from;
  const shown = end === undefined ? '?' : `${showName(pathOf(end))}${slash}`;
  const where = isMoved ? `${showName(pathOf(from))}${slash} → ${shown}` : shown;
  const problem = failure?.message ?? refused;
  return [
    paint(colour, `${steps.map((step) => SIGNS[step][0]).join('')} ${where}${problem === undefined ? '' : `  (not possible: ${problem})`}`),
    ...(trash === undefined ? [] : [`  made way: ${showName(pathOf(trash))}`]),
  ];
}

function outcomeJson({ item, failure, trash }: UndoOutcome, isDone: boolean): Record<string, unknown> {
  const { steps, from, to, refused } = item;
  const path = to ?? from;
  return {
    path: path === undefined ? null : showName(pathOf(path)),
    ...(from !== undefined && to !== undefined && pathOf(from) !== pathOf(to) && { from: showName(pathOf(from)) }),
    do: steps,
    ...(refused !== undefined && { refused }),
    ...(isDone && { done: failure === undefined }),
    ...(failure !== undefined && { error: failure }),
    ...(trash !== undefined && { trash: showName(pathOf(trash)) }),
  };
}

function summary(outcomes: readonly UndoOutcome[], isDone: boolean, isAllKnown: boolean): string {
  if (outcomes.length === 0) return isAllKnown ? 'Nothing to undo: it is what it was.' : 'Nothing to undo that is known.';
  const impossible = outcomes.filter(({ item, failure }) => failure !== undefined || item.refused !== undefined).length;
  const possible = outcomes.length - impossible;
  const rest = impossible === 0 ? '' : ` ${counted(impossible, 'item')} cannot be put back.`;
  return isDone ? `Undone: ${counted(possible, 'item')}.${rest}` : `Would undo ${counted(possible, 'item')}.${rest} Do it with --yes.`;
}
