import { UsageError } from '../../base/errors.ts';
import { commits } from '../../catalogue/history/commits.ts';
import { type EventFilter, EventReader } from '../../catalogue/history/events.ts';
import { momentOfText } from '../../catalogue/history/moments.ts';
import { EVENT_KINDS, ORIGINS } from '../../catalogue/types.ts';
import { defineCommand } from '../command.ts';
import { EventPrinter } from '../event-printer.ts';
import { count, flag, list, oneOf, text, value } from '../options.ts';
import { knownPath, Past } from '../past.ts';
import { tellForgotten } from '../tell-forgotten.ts';
import { givenPeriod } from '../times-given.ts';
import { givenUser } from '../user-option.ts';

const LIMIT = 1000;
/** What a sync point gave. Four digits are a year, sixteen and more nanoseconds. */
const TOKEN = /^(?:\d{1,3}|\d{5,15})$/;

export default defineCommand({
  description: [
    `Lists what happened in watched folders, oldest first: + created, - deleted, M modified, T attributes changed, R moved, ! content changed although size and times did not. Without --since, the newest ${LIMIT} events.`,
    'With PATH, only what happened to it and below it: in the folder that is there now, wherever it was called what, and in those that had the path before.',
    'A folder that was deleted is one event; --all lists what was in it, too. Paths are what they were at the time.',
    'With --follow, goes on with what happens from now on, until Ctrl-C.',
  ],
  arguments: [{ name: 'PATH', about: 'A watched file or folder; everything when left out', optional: true, complete: 'file' }],
  options: {
    since: value(
      '--since TIME',
      'Only at or after this time: 2026-03-01, "yesterday 17:00", or 2h for two hours ago; or behind the moment that a token of varve sync-point names',
      text,
    ),
    until: value('--until TIME', 'Only before this time', text),
    kind: list('-k, --kind KIND', `Only events of this kind, or these with commas between: ${EVENT_KINDS.join(', ')}`, oneOf(EVENT_KINDS), {
      complete: EVENT_KINDS,
    }),
    origin: list(
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
    if (follow && until !== undefined)
      throw new UsageError('--follow and --until exclude each other', 'What has happened by then: leave out --follow.');
    using past = Past.open(context);
    // From here on it is noticed when another catalogue takes the place of this one.
    const following = follow ? commits(past.database, signal) : undefined;
    const token = since !== undefined && TOKEN.test(since) ? since : undefined;
    const [from, to] = await givenPeriod(token === undefined ? since : undefined, until);
    const after = token === undefined ? 0 : momentOfText(past.database, token);
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
    if (from !== undefined) tellForgotten(context, past.database, from);
    // What comes after this is for `--follow`.
    let seen = past.history.newest();
    const printer = new EventPrinter(output);
    if (since === undefined || limit !== undefined) {
      for (const event of new EventReader(past.history, filter).newest(limit ?? LIMIT))
        if (event.id > after && event.id <= seen) printer.print(event);
    } else {
      for (const { events } of new EventReader(past.history, filter).after(after))
        for (const event of events) if (event.id <= seen) printer.print(event);
    }
    if (following === undefined) return;
    output.flush();
    for await (const _ of following) {
      const newest = past.history.newest();
      // The folder of a path may have been replaced by another one meanwhile.
      for (const page of new EventReader(past.history, filter).after(seen)) {
        for (const event of page.events) printer.print(event);
        seen = page.seen;
      }
      // What the filter left out need not be looked at again.
      seen = Math.max(seen, newest);
      output.flush();
    }
    signal.throwIfAborted();
  },
});
