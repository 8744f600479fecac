import { UsageError } from '../../base/errors.ts';
import { checkTag } from '../../tree/archive.ts';
import { resolveReference } from '../../tree/resolve-reference.ts';
import { defineCommand } from '../command.ts';
import { flag, text, value, values } from '../options.ts';
import { formatTime } from '../output/times.ts';

export default defineCommand({
  description: [
    'Gives a revision tags, takes them away, pins it, so that varve forget never drops it, or sets its note. A tag can stand behind @ in place of a time: docs@before-upgrade.',
  ],
  arguments: [
    { name: 'REF', about: 'A revision of an archive', complete: 'archive' },
    { name: 'TAG', about: 'A tag to be added', optional: true, many: true },
  ],
  options: {
    remove: values('--remove TAG', 'Take this tag away; may be repeated', text),
    pin: flag('--pin', 'Never let forget drop this revision'),
    unpin: flag('--unpin', 'Let forget drop it again'),
    note: value('--note TEXT', 'Set the note; an empty one removes it', text),
  },
  json: 'One object: archive, time, tree, tags, pinned, note.',
  examples: [
    { command: 'varve tag docs before-upgrade --pin', about: 'Tag the newest revision and pin it' },
    {
      command: "varve tag 'docs@~2' --remove draft --note 'as sent to the printer'",
      about: 'Change the tags and the note of an older one',
    },
  ],
  async run({ references, output }, [ref = '', ...tags], options) {
    tags.forEach(checkTag);
    if (options.pin && options.unpin) throw new UsageError('--pin and --unpin contradict each other');
    const { archive, revision } = await resolveReference(ref, references);
    if (!archive || !revision)
      throw new UsageError(`${ref} is a tree, and only revisions of archives have tags`, 'Name it as ARCHIVE, ARCHIVE@TIME or ARCHIVE@~N.');
    const annotation = {
      tags: [...new Set([...(revision.tags ?? []), ...tags])].filter((tag) => !options.remove.includes(tag)),
      pinned: options.pin || (revision.pinned === true && !options.unpin),
      note: options.note ?? revision.note ?? '',
    };
    await archive.annotate(revision, annotation);
    const { time, tree } = revision;
    output.result({ archive: archive.name, time, tree, ...annotation }, () =>
      output.quiet ? [] : [`${archive.name}@${formatTime(time)}: ${describe(annotation)}`],
    );
  },
});

function describe({ tags, pinned, note }: { readonly tags: readonly string[]; readonly pinned: boolean; readonly note: string }): string {
  const parts = [
    tags.length > 0 ? `tags ${tags.join(', ')}` : 'no tags',
    pinned ? 'pinned' : 'not pinned',
    note === '' ? '' : JSON.stringify(note),
  ];
  return parts.filter((part) => part !== '').join('; ');
}
