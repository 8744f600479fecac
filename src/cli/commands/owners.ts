import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { ownersFolder } from '../../base/config/folders.ts';
import { UsageError } from '../../base/errors.ts';
import { nameFromBytes } from '../../base/names.ts';
import { absolutePath } from '../../catalogue/history/past-reference.ts';
import { CHANGES } from '../../catalogue/owners/flags.ts';
import type { SaveFlags } from '../../catalogue/owners/types.ts';
import { type OwnerUsage, ownerUsage, type UsageTop } from '../../catalogue/ownership/owner-usage.ts';
import { proposeOwners, ruleFileOf } from '../../catalogue/processes/propose.ts';
import { writeCounts } from '../../catalogue/processes/write-counts.ts';
import { IS_WATCHED } from '../../catalogue/rows.ts';
import type { EventKind } from '../../catalogue/types.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { knownPlace } from '../known-place.ts';
import { askCatalogue } from '../open-catalogue.ts';
import { ownershipOf, readOwners } from '../open-owners.ts';
import { count, flag, value } from '../options.ts';
import { counted, formatCount, formatSize } from '../output/amounts.ts';
import { type Column, tableLines } from '../output/table.ts';

/** What is shown to people unless they ask for more: packages alone are hundreds. */
const SHOWN = 30;

export default defineCommand({
  description: [
    'Shows to whom the files of watched folders belong, by rules and installed packages, with their sizes and recorded changes, and what is done with them. Every byte belongs to an owner or to nobody, so the sizes add up to that of the folder.',
    'With --propose it looks which programs were seen to change folders that nobody else changes, and proposes each as an owner: a file to be put into the folder of rules, as it is or corrected. A daemon that runs takes it over within seconds.',
  ],
  arguments: [{ name: 'PATH', about: 'A watched folder or file; everything when left out', optional: true, complete: 'file' }],
  options: {
    propose: flag('--propose', 'Propose owners from the programs that were seen to make changes'),
    limit: value('-n, --limit N', `Show at most so many; ${SHOWN} when left out, with --json all`, count),
  },
  json: 'One object a line for each owner: owner (null: nobody), name, files, bytes, diskBytes, events, flags (keep, hash, record, notify, retention). With --propose: id, comment, folders, ownChanges, allChanges.',
  examples: [
    { command: 'varve owners ~', about: 'Which programs take the space in the home folder?' },
    { command: 'varve owners --propose', about: 'Which programs should be owners?' },
  ],
  async run(context, [path], { propose, limit }) {
    if (propose && path !== undefined) throw new UsageError('--propose looks at everything', 'Leave the path out.');
    const most = limit ?? (context.output.json ? Number.POSITIVE_INFINITY : SHOWN);
    await (propose ? showProposals(context, most) : showOwners(context, path, most));
  },
});

const COLUMNS: readonly Column[] = [
  { title: 'OWNER' },
  { title: 'SIZE', align: 'right' },
  { title: 'FILES', align: 'right' },
  { title: 'CHANGES', align: 'right' },
  { title: 'CONTENT' },
  { title: 'NAME' },
];

async function showOwners(context: Context, path: string | undefined, most: number): Promise<void> {
  const { output } = context;
  const owners = await readOwners(context);
  const usages = askCatalogue(context, (database) => ownerUsage(database, ownershipOf(database, owners), topsOf(database, path)));
  if (output.json) for (const usage of usages.slice(0, most)) output.line(JSON.stringify(usageJson(usage)));
  else for (const line of tableLines(COLUMNS, usages.slice(0, most).map(usageRow))) output.line(line);
  if (usages.length > most) output.note(`… and ${counted(usages.length - most, 'more owner')}: -n ${usages.length} shows them.`);
}

function topsOf(database: DatabaseSync, given: string | undefined): UsageTop[] {
  if (given !== undefined) return [knownPlace(database, absolutePath(given))];
  return database
    .prepare(`SELECT node, path FROM root WHERE ${IS_WATCHED}`)
    .all()
    .map(({ node, path }) => ({ node: node as number, path: nameFromBytes(path as Uint8Array) }));
}

function usageRow({ owner, flags, files, size, events }: OwnerUsage): string[] {
  return [owner?.id ?? '(nobody)', formatSize(size), formatCount(files), formatCount(events), contentText(flags), owner?.name ?? ''];
}

function contentText({ keep, hash }: SaveFlags): string {
  if (keep) return 'kept';
  return hash ? 'hashed' : 'not read';
}

function usageJson({ owner, flags, files, size, disk, events }: OwnerUsage): object {
  return {
    owner: owner?.id ?? null,
    name: owner?.name ?? null,
    files,
    bytes: size,
    diskBytes: disk * 512,
    events,
    flags: flagsJson(flags),
  };
}

/** In the words of rule files. */
function flagsJson({ keep, hash, record, notify, retention }: SaveFlags): object {
  const words = (kinds: SaveFlags['record']) => Object.keys(CHANGES).filter((word) => kinds.has(CHANGES[word] as EventKind));
  return {
    keep,
    hash,
    record: words(record),
    notify: words(notify),
    retention:
      retention === undefined
        ? null
        : { ...(retention.age && { age: retention.age.toString() }), ...(retention.versions && { versions: retention.versions }) },
  };
}

async function showProposals(context: Context, most: number): Promise<void> {
  const { output, folders } = context;
  const owners = await readOwners(context);
  const { homes } = owners;
  const proposals = askCatalogue(context, (database) =>
    proposeOwners(writeCounts(database), {
      matcher: ownershipOf(database, owners).matcher,
      homes,
      roots: topsOf(database, undefined).map(({ path }) => path),
    }),
  ).slice(0, most);
  for (const proposal of proposals) {
    const { id, comment, folders: patterns, own, all } = proposal;
    output.result({ id, comment, folders: patterns, ownChanges: own, allChanges: all }, () => [
      `# ${join(ownersFolder(folders), `${id}.toml`)}`,
      ...ruleFileOf(proposal).trimEnd().split('\n'),
      '',
    ]);
  }
  if (proposals.length === 0)
    output.note(
      'No program was seen to make nearly all changes of a folder. Who makes changes is known where fanotify watches: see varve status.',
    );
}
