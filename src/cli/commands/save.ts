import { resolve } from 'node:path';
import { nameFromText } from '../../base/names.ts';
import { checkTag } from '../../tree/archive.ts';
import { checkArchiveName, defaultArchive } from '../archive-names.ts';
import { defineCommand } from '../command.ts';
import { count, flag, negation, size, text, value, values } from '../options.ts';
import { saveLines } from '../output/save-lines.ts';
import { nameGiven } from '../raw-arguments.ts';
import { saveFolder } from '../save-folder.ts';
import { readMoment } from '../spans.ts';

export default defineCommand({
  description: [
    'Saves a folder, or a file, into an archive. Only what has changed since the last time is read, and only what the store does not have yet is written. Files that cannot be read are listed, the rest is saved, and the exit status is 3.',
    'Where a daemon watches the folder, it says what has changed since the last save, and only that is looked at. What leaves any doubt about it, such as other options or a gap in what was observed, has everything looked at; so does a day that has passed since. --verbose says which way was taken.',
    'Patterns are those of .gitignore; a .varveignore file in any folder says what is left out below it. Folders tagged as caches (CACHEDIR.TAG) are left out.',
    'The last word of the last line is the digest of the saved tree.',
  ],
  arguments: [{ name: 'PATH', about: 'What is to be saved; a symbolic link is followed, and - is standard input', complete: 'file' }],
  options: {
    archive: value('-a, --archive NAME', 'Save into this archive; otherwise into the one named after the last folder of PATH', text, {
      complete: 'archive',
    }),
    note: value('--note TEXT', 'Say something about this revision', text),
    tag: values('--tag TAG', 'Tag the revision; may be repeated', text),
    exclude: values('-e, --exclude PATTERN', 'Leave out what matches; may be repeated', text),
    excludeFrom: values('--exclude-from FILE', 'Leave out what matches a pattern of this file; may be repeated', text, {
      complete: 'file',
    }),
    ignoreFiles: negation('--no-ignore-files', 'Do not follow .varveignore files'),
    skipCaches: negation('--no-skip-caches', 'Save the content of folders tagged by CACHEDIR.TAG too'),
    oneFileSystem: flag('-x, --one-file-system', 'Do not enter other file systems mounted below'),
    minSize: value('--min-size SIZE', 'Only files of at least this size', size),
    maxSize: value('--max-size SIZE', 'Only files of at most this size', size),
    newer: value('--newer TIME', 'Only files modified at or after this time, or in this span: 2026-03-01, 7d', readMoment),
    older: value('--older TIME', 'Only files modified before this time, or longer ago than this span', readMoment),
    observedTimes: flag('--observed-times', 'Also record change and birth times, which no restore can bring back'),
    catalogue: negation('--no-catalogue', 'Look at every file, also where a daemon watches and knows what has changed'),
    readAll: flag('--read-all', 'Read every file, whether it seems unchanged or not'),
    threads: value('--threads N', 'Worker threads; 0 for none', count),
    stdinName: value('--stdin-name NAME', 'What standard input is called, when PATH is -; otherwise stdin', text),
    dryRun: flag('-n, --dry-run', 'Read and compare, but save nothing'),
  },
  json: 'One object: tree, archive, time, files, directories (not there when only what had changed was looked at), bytes, readFiles, readBytes, newBytes, storedBytes, errors (a list of path, code, message), elapsedMs.',
  interrupted: 'No revision was added. What was stored already is kept, so that the next save is quicker, until varve gc.',
  examples: [
    { command: 'varve save ~/docs', about: 'Save a folder into the archive docs' },
    { command: "varve save /srv/www --archive site --exclude '*.log' --tag before-upgrade", about: 'Leave out logs, and tag the revision' },
    { command: 'pg_dump shop | varve save - --stdin-name shop.sql', about: 'Keep what another program writes' },
  ],
  async run(context, [path = ''], options) {
    const { stdinName = 'stdin' } = options;
    const isStream = path === '-';
    const archive = options.archive ?? defaultArchive(isStream ? stdinName : resolve(path));
    checkArchiveName(archive);
    options.tag.forEach(checkTag);
    const { settings } = await context.config();
    const source = isStream ? { stream: process.stdin, name: nameFromText(stdinName) } : nameGiven(resolve(path));
    const saveOptions = {
      excludes: [...settings.save.excludes, ...options.exclude],
      excludeFrom: [...settings.save.excludeFrom, ...options.excludeFrom.map((file) => resolve(file))],
      ignoreFiles: options.ignoreFiles ?? settings.save.ignoreFiles,
      skipCaches: options.skipCaches ?? settings.save.skipCaches,
      oneFileSystem: options.oneFileSystem || settings.save.oneFileSystem,
      ...(options.minSize !== undefined && { minFileBytes: options.minSize }),
      ...(options.maxSize !== undefined && { maxFileBytes: options.maxSize }),
      ...(options.newer !== undefined && { newerThanMs: options.newer }),
      ...(options.older !== undefined && { olderThanMs: options.older }),
      ...(options.note !== undefined && { note: options.note }),
      ...(options.tag.length > 0 && { tags: options.tag }),
      ...(options.threads !== undefined && { threads: options.threads }),
      observedTimes: options.observedTimes,
      readAll: options.readAll,
      dryRun: options.dryRun,
    };
    const useCatalogue = options.catalogue ?? true;
    const report = await saveFolder(context, source, { archive, options: saveOptions, useCatalogue });
    context.output.result(report, () => saveLines(report, { dryRun: options.dryRun, quiet: context.output.quiet }));
  },
});
