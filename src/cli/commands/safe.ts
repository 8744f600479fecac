import { showName } from '../../base/names.ts';
import { absolutePath } from '../../catalogue/history/past-reference.ts';
import { safety } from '../../catalogue/questions/safe.ts';
import { defineCommand } from '../command.ts';
import { knownPlace } from '../known-place.ts';
import { askCatalogue } from '../open-catalogue.ts';
import { counted, formatSize } from '../output/amounts.ts';

export default defineCommand({
  description: [
    'Looks whether the content of every file below PATH is also in the store, or in another watched folder, and lists those of which that is not so. With nothing to list, PATH could be deleted and all of it be brought back; otherwise the exit status is 1.',
    'Contents are compared by their digests. A file that has not been hashed yet counts as not safe.',
  ],
  arguments: [{ name: 'PATH', about: 'A folder or file that is watched', complete: 'file' }],
  options: {},
  json: 'One object a line for each file that is not safe: path, size, why (only here, unhashed); at last one with files, bytes, keptFiles, copiedFiles, unsafeFiles, unsafeBytes.',
  examples: [
    { command: 'varve safe ~/old-laptop', about: 'May this folder be deleted?' },
    { command: 'varve safe . --quiet && echo yes', about: 'In a script' },
  ],
  async run(context, [path = '']) {
    const { output } = context;
    askCatalogue(context, (database) => {
      const files = safety(database, knownPlace(database, absolutePath(path)).node);
      let step = files.next();
      for (; !step.done; step = files.next()) {
        const { path: file, size, why } = step.value;
        output.result({ path: showName(file), size, why }, () => [`${showName(file)}${why === 'unhashed' ? '  (not hashed yet)' : ''}`]);
      }
      const sums = step.value;
      if (output.json) output.line(JSON.stringify(sums));
      const kept = `${counted(sums.keptFiles, 'file')} in the store, ${counted(sums.copiedFiles, 'more', 'more')} in another folder`;
      output.note(
        sums.unsafeFiles === 0
          ? `Safe: of ${counted(sums.files, 'file')}, ${formatSize(sums.bytes)}, everything is kept elsewhere: ${kept}.`
          : `Not safe: ${counted(sums.unsafeFiles, 'file')} of ${counted(sums.files, 'file', 'files')}, ${formatSize(sums.unsafeBytes)}, may be nowhere else. ${kept}.`,
      );
      if (sums.unsafeFiles > 0) context.failed();
    });
  },
});
