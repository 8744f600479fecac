import type { DatabaseSync } from 'node:sqlite';
import { FormatError, UsageError } from '../../base/errors.ts';
import { type ByteName, showName } from '../../base/names.ts';
import { absolutePath } from '../../catalogue/history/past-reference.ts';
import type { Gone } from '../../catalogue/questions/gone.ts';
import { type Found, type SearchQuestion, search } from '../../catalogue/questions/search.ts';
import type { Digest } from '../../hash/types.ts';
import type { Time } from '../../sys/types.ts';
import { defineCommand } from '../command.ts';
import { askCatalogue } from '../open-catalogue.ts';
import { count, flag, list, oneOf, size, text, value, values } from '../options.ts';
import { formatSize } from '../output/amounts.ts';
import type { Output } from '../output/output.ts';
import { pad } from '../output/table.ts';
import { formatTime, isoTime } from '../output/times.ts';
import { readMoment } from '../spans.ts';

const KINDS = ['file', 'directory', 'symlink', 'fifo', 'socket', 'character', 'block'] as const;
const SORTS = ['path', 'size', 'time'] as const;

export default defineCommand({
  description: [
    'Prints the paths of all watched files and folders whose names contain every WORD and are as the options ask. A word with a slash is held against whole paths. Small letters stand for capitals too, unless the word has a capital.',
    'Results are printed as they are found, in no order; with --sort, when all are. Nothing but options lists everything that is as they ask.',
  ],
  arguments: [{ name: 'WORD', about: 'Part of a name, or a pattern', optional: true, many: true, mayBeEmpty: true }],
  options: {
    glob: flag('-g, --glob', 'Words are patterns like *.jpg, for whole names'),
    regex: flag('-r, --regex', 'Words are JavaScript regular expressions'),
    fuzzy: flag('-z, --fuzzy', 'The letters of the words have to be there in that order; best matches first'),
    path: flag('-p, --path', 'Hold every word against the whole path'),
    ignoreCase: flag('-i, --ignore-case', 'Take upper and lower case alike'),
    caseSensitive: flag('-s, --case-sensitive', 'Take upper and lower case as they are'),
    below: value('--below DIR', 'Only below this folder', text, { complete: 'folder' }),
    kind: list('-k, --kind KIND', `Only this kind, or these with commas between: ${KINDS.join(', ')}`, oneOf(KINDS), { complete: KINDS }),
    ext: list('-e, --ext EXTENSION', 'Only names with this extension, or one of these: jpg,png', text),
    mime: value('--mime TYPE', 'Only names with an extension of this MIME type: image/png, image/*', text),
    minSize: value('--min-size SIZE', 'Only files of at least this size', size),
    maxSize: value('--max-size SIZE', 'Only files of at most this size', size),
    newer: value('--newer TIME', 'Modified at or after this time, or in this span: 2026-03-01, 7d', readMoment),
    older: value('--older TIME', 'Modified before this time, or longer ago than this span', readMoment),
    changedSince: value('--changed-since TIME', 'Changed in any way, be it in its owner or mode, at or after this time', readMoment),
    changedBefore: value('--changed-before TIME', 'Not changed in any way since this time', readMoment),
    user: values('--user NAME', 'Only what this user owns, by name or number; may be repeated', text),
    digest: value('--digest DIGEST', 'Only files with this content, as blake3:9f…', text),
    history: flag('--history', 'Also find what is gone: deleted, or moved away'),
    sort: value('--sort KEY', `Sort by ${SORTS.join(', ')}: the largest and the newest first`, oneOf(SORTS), { complete: SORTS }),
    limit: value('-n, --limit N', 'Print at most so many', count),
    long: flag('-l, --long', 'Show size and time too'),
  },
  json: 'One object a line: path, kind, size, mtime; with --history of what is gone also gone (deleted or moved) and goneTime, when that was noticed.',
  examples: [
    { command: 'varve search report 2026', about: 'Names that contain both' },
    { command: 'varve search --ext jpg --min-size 5MiB --newer 30d -l', about: 'Large pictures of the last month' },
  ],
  onlyAsks: true,
  async run(context, words, options) {
    const { output } = context;
    const { limit = Number.POSITIVE_INFINITY, sort } = options;
    const asked = await questionOf(words, options);
    const below = options.below === undefined ? undefined : await placeMeant(options.below, options.history);
    const { searchGone } = options.history ? await import('../../catalogue/questions/gone.ts') : {};
    const { tellForgotten } = options.history ? await import('../tell-forgotten.ts') : {};
    askCatalogue(context, (database) => {
      tellForgotten?.(context, database);
      const question = { ...asked, ...(below !== undefined && { below: below(database) }) };
      const results = function* (): Generator<Found | Gone> {
        for (const batch of search(database, question)) yield* batch;
        if (searchGone !== undefined) yield* searchGone(database, question);
      };
      const sorted = sort === undefined ? results() : [...results()].sort(ORDERS[sort]);
      let printed = 0;
      for (const found of sorted) {
        if (printed >= limit) break;
        print(output, found, options.long);
        // Whoever reads is given what there is before more is looked for.
        if (printed++ === 0) output.flush();
      }
    });
  },
});

/** Loads what only some options need when they are given: each module takes a start some tenths of a millisecond, the one of digests ten (docs/search.md). */
async function questionOf(
  words: readonly string[],
  options: {
    readonly glob: boolean;
    readonly regex: boolean;
    readonly fuzzy: boolean;
    readonly path: boolean;
    readonly ignoreCase: boolean;
    readonly caseSensitive: boolean;
    readonly kind: readonly (typeof KINDS)[number][];
    readonly ext: readonly string[];
    readonly mime: string | undefined;
    readonly minSize: number | undefined;
    readonly maxSize: number | undefined;
    readonly newer: number | undefined;
    readonly older: number | undefined;
    readonly changedSince: number | undefined;
    readonly changedBefore: number | undefined;
    readonly user: readonly string[];
    readonly digest: string | undefined;
  },
): Promise<SearchQuestion> {
  const { glob, regex, fuzzy } = options;
  if (Number(glob) + Number(regex) + Number(fuzzy) > 1) throw new UsageError('--glob, --regex and --fuzzy exclude each other');
  if (options.ignoreCase && options.caseSensitive) throw new UsageError('--ignore-case and --case-sensitive exclude each other');
  return {
    words,
    pattern: glob ? 'glob' : regex ? 'regex' : fuzzy ? 'fuzzy' : 'text',
    caseRule: options.ignoreCase ? 'ignore' : options.caseSensitive ? 'exact' : 'smart',
    wholePaths: options.path,
    ...(options.kind.length > 0 && { kinds: options.kind }),
    ...(options.ext.length > 0 && { extensions: options.ext }),
    ...(options.mime !== undefined && { mime: options.mime }),
    ...(options.minSize !== undefined && { minBytes: options.minSize }),
    ...(options.maxSize !== undefined && { maxBytes: options.maxSize }),
    ...(options.newer !== undefined && { modifiedSinceMs: options.newer }),
    ...(options.older !== undefined && { modifiedBeforeMs: options.older }),
    ...(options.changedSince !== undefined && { changedSinceMs: options.changedSince }),
    ...(options.changedBefore !== undefined && { changedBeforeMs: options.changedBefore }),
    ...(options.user.length > 0 && { uids: await Promise.all(options.user.map(uidOf)) }),
    ...(options.digest !== undefined && { digest: await digestOf(options.digest) }),
  };
}

/** Finds the path of a folder in a catalogue. What is gone may be all that is wanted of it. */
async function placeMeant(text: string, isPast: boolean): Promise<(database: DatabaseSync) => ByteName> {
  const { knownPlace, pathInCatalogue } = await import('../known-place.ts');
  const path = absolutePath(text);
  return (database) => (isPast ? pathInCatalogue(database, path) : knownPlace(database, path).path);
}

async function digestOf(text: string): Promise<Digest> {
  const { digestFromText } = await import('../../hash/digest.ts');
  try {
    return digestFromText(text);
  } catch (error) {
    if (error instanceof FormatError) throw new UsageError(`--digest must be like blake3:9f…, not ${JSON.stringify(text)}`, error.message);
    throw error;
  }
}

async function uidOf(user: string): Promise<number> {
  if (/^\d+$/.test(user)) return Number(user);
  const { system } = await import('../../sys/system.ts');
  const uid = system().userId(user);
  if (uid === undefined) throw new UsageError(`there is no user ${user}`);
  return uid;
}

const ORDERS: Readonly<Record<(typeof SORTS)[number], (a: Found | Gone, b: Found | Gone) => number>> = {
  path: (a, b) => compareBytes(a.path, b.path),
  size: (a, b) => factsOf(b).size - factsOf(a).size || compareBytes(a.path, b.path),
  time: (a, b) => compareTimes(factsOf(b).mtime, factsOf(a).mtime) || compareBytes(a.path, b.path),
};

function compareBytes(a: ByteName, b: ByteName): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareTimes(a: Time, b: Time): number {
  return a.seconds - b.seconds || a.nanoseconds - b.nanoseconds;
}

function factsOf(found: Found | Gone): Pick<Found, 'kind' | 'size' | 'mtime'> {
  return 'state' in found ? { ...found.state, mtime: timeOf(found.state.mtime) } : found;
}

function print(output: Output, found: Found | Gone, long: boolean): void {
  const { kind, size, mtime } = factsOf(found);
  const path = showName(found.path);
  if (output.json) {
    const gone = 'state' in found ? { gone: found.how, goneTime: isoTime(timeOf(found.time)) } : {};
    output.line(JSON.stringify({ path, kind, size, mtime: isoTime(mtime), ...gone }));
    return;
  }
  const gone = 'state' in found ? `  (${found.how} ${formatTime(timeOf(found.time))})` : '';
  output.line(`${long ? `${pad(formatSize(size), 9, 'right')}  ${formatTime(mtime)}  ` : ''}${path}${gone}`);
}

function timeOf(nanoseconds: bigint): Time {
  const rest = ((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return { seconds: Number((nanoseconds - rest) / 1_000_000_000n), nanoseconds: Number(rest) };
}
