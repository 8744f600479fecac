import { showName } from '../../base/names.ts';
import { commits } from '../../catalogue/history/commits.ts';
import { type EventFilter, EventReader } from '../../catalogue/history/events.ts';
import { timeOf } from '../../catalogue/history/past-tree.ts';
import type { PastEvent } from '../../catalogue/history/types.ts';
import { EVENT_KINDS, ORIGINS } from '../../catalogue/types.ts';
import { defineCommand } from '../command.ts';
import { eventJson, makerText } from '../event-json.ts';
import { count, flag, oneOf, text, value, values } from '../options.ts';
import { formatSize } from '../output/amounts.ts';
import type { Colour } from '../output/colours.ts';
import type { Output } from '../output/output.ts';
import { pad } from '../output/table.ts';
import { formatTime } from '../output/times.ts';
import { knownPath, Past } from '../past.ts';
import { givenTime } from '../times-given.ts';
import { givenUser } from '../user-option.ts';

const LIMIT = 1000;

export default defineCommand({
  description: [
    `Lists what happened in watched folders, oldest first: + created, - deleted, M modified, T attributes changed, R moved, ! content changed although size and times did not. Without --since, the newest ${LIMIT} events.`,
    'With PATH, only what happened to it and below it: in the folder that is there now, wherever it was called what, and in those that had the path before.',
    'A folder that was deleted is one event; --all lists what was in it, too. Paths are what they were at the time.',
    'With --follow, goes on with what happens from now on, until Ctrl-C.',
  ],
  arguments: [{ name: 'PATH', about: 'A watched file or folder; everything when left out', optional: true, complete: 'file' }],
  options: {
    since: value('--since TIME', 'Only at or after this time: 2026-03-01, "yesterday 17:00", or 2h for two hours ago', text),
    until: value('--until TIME', 'Only before this time', text),
    kind: values('-k, --kind KIND', `Only events of this kind, or these: ${EVENT_KINDS.join(', ')}`, oneOf(EVENT_KINDS), {
      complete: EVENT_KINDS,
    }),
    origin: values(
      '--origin ORIGIN',
      'Only those seen as they happened (live), found by a scan, or made by synchronisation (sync)',
      oneOf(ORIGINS),
      {
        complete: ORIGINS,
      },
    ),
    process: value('--process NAME', 'Only by this program: its path or name, its unit, or its number', text),
    user: value('--user NAME', 'Only by programs of this user', text),
    owner: value('--owner NAME', 'Only of files that belong to this user', text),
    all: flag('-a, --all', 'Also list what was in folders that were deleted'),
    limit: value('-n, --limit N', 'List at most the newest so many', count),
    follow: flag('-f, --follow', 'Go on with what happens from now on'),
  },
  json: 'One object a line: time, kind, path, from (of a move), type, size and digest (after the event; of a deletion before it), origin, process, pid, unit, user, uid, within (the event of the deleted folder), id.',
  interrupted: 'Nothing is lost: the events stay in the catalogue.',
  examples: [
    { command: "varve events ~/docs --since 'today 9:00'", about: 'What happened in a folder this morning?' },
    { command: 'varve events --follow --kind deleted --process rm', about: 'Watch what is deleted, and by whom' },
  ],
  async run(context, [path], { since, until, kind, origin, process, user, owner, all, limit, follow }) {
    const { output, signal } = context;
    using past = Past.open(context);
    const from = await givenTime('--since', since);
    const to = await givenTime('--until', until);
    const by = givenUser('--user', user);
    const of = givenUser('--owner', owner);
    const filter: EventFilter = {
      ...(path !== undefined && { path: knownPath(past, path) }),
      ...(from !== undefined && { since: from }),
      ...(to !== undefined && { until: to }),
      ...(kind.length > 0 && { kinds: kind }),
      ...(origin.length > 0 && { origins: origin }),
      ...(process !== undefined && { process }),
      ...(by !== undefined && { user: by }),
      ...(of !== undefined && { owner: of }),
      all,
    };
    // What comes after this is for `--follow`.
    let seen = past.history.newest();
    if (since === undefined || limit !== undefined) {
      for (const event of new EventReader(past.history, filter).newest(limit ?? LIMIT)) if (event.id <= seen) print(output, event);
    } else {
      for (const { events } of new EventReader(past.history, filter).after(0))
        for (const event of events) if (event.id <= seen) print(output, event);
    }
    if (!follow) return;
    output.flush();
    for await (const _ of commits(past.database, signal)) {
      const newest = past.history.newest();
      // The folder of a path may have been replaced by another one meanwhile.
      for (const page of new EventReader(past.history, filter).after(seen)) {
        for (const event of page.events) print(output, event);
        seen = page.seen;
      }
      // What the filter left out need not be looked at again.
      seen = Math.max(seen, newest);
      output.flush();
    }
    signal.throwIfAborted();
  },
});

const SIGNS: Readonly<Record<PastEvent['kind'], readonly [sign: string, colour: Colour]>> = {
  created: ['+', 'green'],
  deleted: ['-', 'red'],
  modified: ['M', 'yellow'],
  attributes: ['T', 'blue'],
  moved: ['R', 'cyan'],
  rotted: ['!', 'red'],
  unwatched: ['x', 'dim'],
};

function print(output: Output, event: PastEvent): void {
  if (output.json) return output.line(JSON.stringify(eventJson(event)));
  const { kind, time, path, from, before, after, maker } = event;
  const [sign, colour] = SIGNS[kind];
  const state = after ?? before;
  const slash = state?.kind === 'directory' ? '/' : '';
  const shown = `${path === undefined ? '?' : showName(path)}${slash}`;
  const where = from === undefined ? shown : `${showName(from)}${slash} → ${shown}`;
  const size = state?.kind === 'file' ? formatSize(state.size) : '';
  const line = `${formatTime(timeOf(time))}  ${pad(size, 9, 'right')}  ${pad(makerText(maker), 16, 'left')}  ${sign} ${where}`;
  output.line(output.paint(colour, line));
}
