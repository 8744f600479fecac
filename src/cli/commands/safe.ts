import { showName } from '../../base/names.ts';
import { absolutePath } from '../../catalogue/history/past-reference.ts';
import { safety, type UnsafeFile, type Unseen } from '../../catalogue/questions/safe.ts';
import { defineCommand } from '../command.ts';
import { knownPlace } from '../known-place.ts';
import { askCatalogue } from '../open-catalogue.ts';
import { counted, formatSize } from '../output/amounts.ts';
import { whyUnobserved } from '../why-unobserved.ts';

export default defineCommand({
  description: [
    'Looks whether the content of every file below PATH is also in the store, or in another watched folder, and lists those of which that is not so. With nothing to list, PATH could be deleted and all of it be brought back; otherwise the exit status is 1.',
    'Contents are compared by their digests. A copy does not count where it is the same file on another way, could not be read or waits to be, or lies in a folder in which changes may have been missed. A file without one, because it waits to be hashed or a rule leaves it out, counts as not safe; so does what could not be listed or read, and a watched folder in which changes may have been missed (see varve errors). Before it looks, it waits until the daemon has observed everything up to now; where none runs, or that takes more than ten seconds, changes may have been missed too.',
  ],
  arguments: [{ name: 'PATH', about: 'A folder or file that is watched', complete: 'file' }],
  options: {},
  json: 'One object a line for each file that is not safe: path, size, why (only here, unhashed, unread), code; and for what nobody has seen: path, why (unlisted, unread, gap), code; at last one with files, bytes, keptFiles, copiedFiles, unsafeFiles, unsafeBytes, unseen.',
  interrupted: 'Nothing was changed.',
  examples: [
    { command: 'varve safe ~/old-laptop', about: 'May this folder be deleted?' },
    { command: 'varve safe . --quiet && echo yes', about: 'In a script' },
  ],
  async run(context, [path = '']) {
    const { output } = context;
    const unobserved = await whyUnobserved(context);
    askCatalogue(context, (database) => {
      const files = safety(database, knownPlace(database, absolutePath(path)).node, unobserved);
      let step = files.next();
      for (; !step.done; step = files.next()) {
        const { path: found, ...rest } = step.value;
        output.result({ path: showName(found), ...rest }, () => [`${showName(found)}${remark(step.value as UnsafeFile | Unseen)}`]);
      }
      const sums = step.value;
      if (output.json) output.line(JSON.stringify(sums));
      const kept = `${counted(sums.keptFiles, 'file')} in the store, ${counted(sums.copiedFiles, 'more', 'more')} in another folder`;
      const isSafe = sums.unsafeFiles === 0 && sums.unseen === 0;
      output.note(
        isSafe
          ? `Safe: of ${counted(sums.files, 'file')}, ${formatSize(sums.bytes)}, everything is kept elsewhere: ${kept}.`
          : `Not safe: ${counted(sums.unsafeFiles, 'file')} of ${counted(sums.files, 'file', 'files')}, ${formatSize(sums.unsafeBytes)}, may be nowhere else${sums.unseen === 0 ? '' : ', and not everything could be seen'}. ${kept}.`,
      );
      if (!isSafe) context.failed();
    });
  },
});

const REMARKS = {
  'only here': '',
  unhashed: '  (not hashed)',
  unread: '  (could not be read: CODE)',
  unlisted: '  (never looked into)',
  gap: '  (changes may have been missed: CODE)',
} as const;

function remark({ why, code = '' }: UnsafeFile | Unseen): string {
  return REMARKS[why].replace('CODE', () => code);
}
