import { UsageError, VarveError } from '../../base/errors.ts';
import { showName } from '../../base/names.ts';
import { describe } from '../../catalogue/describe/describe.ts';
import { generatedDescription } from '../../catalogue/describe/generated.ts';
import { generate, messageAbout, whatIsSent } from '../../catalogue/describe/generator.ts';
import { generatorSettings } from '../../catalogue/describe/generator-settings.ts';
import { MimeTypes } from '../../catalogue/describe/mime.ts';
import type { Description, Subject } from '../../catalogue/describe/types.ts';
import { absolutePath } from '../../catalogue/history/past-reference.ts';
import { digestToText } from '../../hash/digest.ts';
import type { Digest } from '../../hash/types.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { askCatalogue } from '../open-catalogue.ts';
import { type KnownOwners, readOwners } from '../open-owners.ts';
import { flag } from '../options.ts';
import { factLines } from '../output/table.ts';
import { subjectAt } from '../subject.ts';
import { writeDown } from '../write-description.ts';

export default defineCommand({
  description: [
    'Shows what is known of what a file or folder is: what somebody wrote about it, its owner or package, the page of the manual, its type, and what a language model said. With TEXT that is written down, in place of what was before; it stays with the file when that moves, and with the path when another file takes its place, as when an editor saves.',
    'With --generate the model is asked that the settings of [describe] name; without such settings nothing is sent to anybody. --dry-run shows what would be sent. A content is sent once: the answer is kept by its digest.',
  ],
  arguments: [
    { name: 'PATH', about: 'A file or folder', complete: 'file' },
    { name: 'TEXT', about: 'What it is, in a line', optional: true, mayBeEmpty: true },
  ],
  options: {
    remove: flag('--remove', 'Take away what was written'),
    generate: flag('--generate', 'Ask the language model of the settings'),
    dryRun: flag('--dry-run', 'With --generate: show what would be sent, and to whom'),
  },
  json: 'One object: path, descriptions, each with source (written, owner, manual, type, generated) and text, the best first. With --dry-run: path, to, message.',
  examples: [
    { command: 'varve describe /usr/bin/rsync', about: 'What is this?' },
    { command: 'varve describe ~/old-laptop "Everything from before 2020"', about: 'Write down what a folder is' },
  ],
  async run(context, [given = '', text], { remove, generate: asks, dryRun }) {
    if ([text !== undefined, remove, asks].filter(Boolean).length > 1)
      throw new UsageError('TEXT, --remove and --generate exclude each other');
    if (dryRun && !asks) throw new UsageError('--dry-run goes with --generate');
    if (text?.trim() === '') throw new UsageError('the text is empty', 'Take away what was written with --remove.');
    const path = absolutePath(given);
    const owners = await readOwners(context);
    if (text !== undefined || remove) await writeDown(context, { path: showName(path), text: text ?? '' });
    else if (asks && (await askModel(context, path, owners, dryRun)) === 'shown') return;
    show(context, path, owners);
  },
});

function show(context: Context, path: Subject['path'], owners: KnownOwners): void {
  const { output } = context;
  const descriptions = askCatalogue(context, (database) =>
    describe(subjectAt(database, path, owners, 0), { database, types: new MimeTypes() }),
  );
  output.result({ path: showName(path), descriptions }, () =>
    factLines(descriptions.map(({ source, text }: Description) => [source, text])),
  );
  if (descriptions.length === 0) output.note(`Nothing is known of what ${showName(path)} is. Say it: varve describe PATH "…"`);
}

/** Has the model describe a file, unless it has done so before. */
async function askModel(context: Context, path: Subject['path'], owners: KnownOwners, dryRun: boolean): Promise<'asked' | 'shown'> {
  const { output, signal } = context;
  const settings = generatorSettings((await context.config()).settings.describe);
  if (settings === undefined)
    throw new VarveError('DESCRIBE_OFF', 'no language model is set, so nothing is sent to anybody', {
      advice: 'Set describe.endpoint and describe.model with: varve config set',
    });
  const { subject, known } = askCatalogue(context, (database) => {
    const found = subjectAt(database, path, owners, settings.contentBytes);
    return { subject: found, known: found.digest && generatedDescription(database, found.digest, settings.model) };
  });
  if (subject.kind !== 'file') throw new UsageError(`${showName(path)} is no file`, 'A model is asked about files alone.');
  const types = new MimeTypes();
  const name = path.slice(path.lastIndexOf('/') + 1) as Subject['path'];
  const message = messageAbout(subject, types.typeOf(name, subject.head ?? new Uint8Array()), settings.contentBytes);
  if (dryRun) {
    output.result({ path: showName(path), to: settings.endpoint.href, message }, () => [whatIsSent(settings), '', ...message.split('\n')]);
    return 'shown';
  }
  if (known !== undefined) return 'asked';
  const { digest } = subject;
  if (digest === undefined)
    throw new VarveError('NOT_HASHED', `the content of ${showName(path)} is not known yet, by which the answer would be kept`, {
      advice: 'Only files in watched folders that were read are described: see varve status.',
    });
  output.note(whatIsSent(settings));
  const answer = await generate(message, settings, signal);
  await writeDown(context, {
    path: showName(path),
    text: answer,
    generated: { digest: digestToText(digest as Digest), model: settings.model },
  });
  return 'asked';
}
