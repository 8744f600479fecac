import { UsageError } from '../base/errors.ts';
import { nearestNames } from '../base/nearest.ts';
import type { AnyCommand } from './command.ts';
import type { NamedCommand } from './command-description.ts';

/** A command as lists of commands show it; the rest is loaded when it is needed. */
export interface CatalogueEntry {
  readonly name: string;
  /** One line without a full stop. */
  readonly summary: string;
  readonly load: () => Promise<{ readonly default: AnyCommand }>;
}

export interface CatalogueGroup {
  readonly title: string;
  readonly commands: readonly CatalogueEntry[];
}

/** Every command, in the order of help. */
export const CATALOGUE: readonly CatalogueGroup[] = [
  {
    title: 'Save and restore',
    commands: [
      { name: 'save', summary: 'Save a folder or a file as a new revision of an archive', load: () => import('./commands/save.ts') },
      { name: 'restore', summary: 'Put what was saved into a folder', load: () => import('./commands/restore.ts') },
    ],
  },
  {
    title: 'Watch and remember',
    commands: [
      { name: 'start', summary: 'Watch folders, and keep the history of every file in them', load: () => import('./commands/start.ts') },
      { name: 'roots', summary: 'List watched folders, or propose some', load: () => import('./commands/roots.ts') },
      { name: 'status', summary: 'Show what the daemon watches and what it has to do', load: () => import('./commands/status.ts') },
      { name: 'pause', summary: 'Let the daemon rest', load: () => import('./commands/pause.ts') },
      { name: 'continue', summary: 'Let the daemon go on after a pause', load: () => import('./commands/continue.ts') },
      { name: 'stop', summary: 'End the daemon, and wait until it is gone', load: () => import('./commands/stop.ts') },
      { name: 'sync-point', summary: 'Wait until all changes so far have been observed', load: () => import('./commands/sync-point.ts') },
      { name: 'check', summary: 'Check that the catalogue is sound', load: () => import('./commands/check.ts') },
      { name: 'catalogue', summary: 'Copy the catalogue, or put a copy back', load: () => import('./commands/catalogue.ts') },
      { name: 'service', summary: 'Have the system start the daemon', load: () => import('./commands/service.ts') },
    ],
  },
  {
    title: 'Look at what was saved',
    commands: [
      { name: 'archives', summary: 'List the archives of a store', load: () => import('./commands/archives.ts') },
      { name: 'log', summary: 'List the revisions of an archive, or the versions of a file', load: () => import('./commands/log.ts') },
      { name: 'ls', summary: 'List a folder as it was', load: () => import('./commands/ls.ts') },
      { name: 'cat', summary: 'Print the content of files', load: () => import('./commands/cat.ts') },
      { name: 'find', summary: 'Find entries by name, kind, size or time', load: () => import('./commands/find.ts') },
      { name: 'diff', summary: 'Show what differs between two revisions or folders', load: () => import('./commands/diff.ts') },
      { name: 'du', summary: 'Show what takes the space in a folder or a revision, now and then', load: () => import('./commands/du.ts') },
    ],
  },
  {
    title: 'Ask about watched folders',
    commands: [
      {
        name: 'search',
        summary: 'Find files and folders by name, and by what is known of them',
        load: () => import('./commands/search.ts'),
      },
      { name: 'dups', summary: 'Find files and folders that are there more than once', load: () => import('./commands/dups.ts') },
      {
        name: 'owners',
        summary: 'Show to which programs, packages and people files belong',
        load: () => import('./commands/owners.ts'),
      },
      { name: 'describe', summary: 'Say, or ask, what a file or folder is', load: () => import('./commands/describe.ts') },
      { name: 'safe', summary: 'Check that every byte of a folder is kept somewhere else too', load: () => import('./commands/safe.ts') },
    ],
  },
  {
    title: 'Look at what happened',
    commands: [
      { name: 'events', summary: 'List what happened in watched folders, or follow it', load: () => import('./commands/events.ts') },
      { name: 'undo', summary: 'Make a watched folder again what it was', load: () => import('./commands/undo.ts') },
      { name: 'blame', summary: 'Show which programs and users made changes', load: () => import('./commands/blame.ts') },
      { name: 'sizes', summary: 'Show the size of folders over time', load: () => import('./commands/sizes.ts') },
      {
        name: 'errors',
        summary: 'List what could not be read, and when changes may have been missed',
        load: () => import('./commands/errors.ts'),
      },
    ],
  },
  {
    title: 'Keep house',
    commands: [
      { name: 'tag', summary: 'Tag, pin or annotate a revision', load: () => import('./commands/tag.ts') },
      { name: 'forget', summary: 'Drop revisions by a policy', load: () => import('./commands/forget.ts') },
      { name: 'gc', summary: 'Free the space of what no revision needs', load: () => import('./commands/gc.ts') },
      { name: 'verify', summary: 'Prove that a store is whole', load: () => import('./commands/verify.ts') },
      { name: 'stats', summary: 'Show the figures of a store, or how files would be cut', load: () => import('./commands/stats.ts') },
    ],
  },
  {
    title: 'Set up',
    commands: [
      { name: 'init', summary: 'Make a store and a commented configuration', load: () => import('./commands/init.ts') },
      { name: 'config', summary: 'Show and change settings', load: () => import('./commands/config.ts') },
      { name: 'doctor', summary: 'Check that everything is in order here', load: () => import('./commands/doctor.ts') },
      { name: 'completions', summary: 'Print completions for a shell', load: () => import('./commands/completions.ts') },
    ],
  },
];

/** The command of that name. Throws UsageError, which says what it may have been meant to be. */
export async function loadCommand(name: string): Promise<AnyCommand & NamedCommand> {
  const entries = CATALOGUE.flatMap(({ commands }) => commands);
  const entry = entries.find((candidate) => candidate.name === name);
  if (!entry) {
    const near = nearestNames(
      name,
      entries.map((candidate) => candidate.name),
    );
    throw new UsageError(
      `there is no command ${JSON.stringify(name)}`,
      near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'All commands: varve --help',
    );
  }
  const { default: command } = await entry.load();
  return { ...command, name, summary: entry.summary };
}

/** All commands, for manual pages and completions. */
export async function loadAllCommands(): Promise<NamedCommand[]> {
  return Promise.all(CATALOGUE.flatMap(({ commands }) => commands.map(({ name }) => loadCommand(name))));
}
