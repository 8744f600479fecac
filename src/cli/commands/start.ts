import { resolve } from 'node:path';
import { nameFromText } from '../../base/names.ts';
import { defaultArchive } from '../archive-names.ts';
import { defineCommand } from '../command.ts';
import { userFolder } from '../how-to-call.ts';
import { nextSteps } from '../next-steps.ts';
import { saveLines } from '../output/save-lines.ts';
import { saveFolder } from '../save-folder.ts';

export default defineCommand({
  description: [
    'Saves each folder into the archive named after it, and says what to type next to list, read and restore what was saved. This is what npm start -- DIR calls. The store, and a configuration file in which every setting is explained, are made when they are not there.',
  ],
  arguments: [{ name: 'DIR', about: 'Folders that are to be saved', many: true, complete: 'folder' }],
  options: {},
  json: 'One object a line for each folder, as of varve save, with source.',
  interrupted:
    'No revision was added of the folder that was being saved. What was stored already is kept, so that the next save is quicker.',
  examples: [
    { command: 'varve start ~/docs', about: 'Save a folder, and learn how to go on' },
    { command: 'varve start ~/docs ~/photos', about: 'Save two folders, one after the other' },
  ],
  async run(context, folders) {
    const { output } = context;
    const { settings } = await context.config();
    const { excludes, excludeFrom, ignoreFiles, skipCaches, oneFileSystem } = settings.save;
    for (const folder of folders) {
      const source = resolve(userFolder(), folder);
      const archive = defaultArchive(source);
      output.note(`Saving ${source} into the archive ${archive} …`);
      const report = await saveFolder(context, nameFromText(source), archive, {
        excludes,
        excludeFrom,
        ignoreFiles,
        skipCaches,
        oneFileSystem,
      });
      const steps = output.json || output.quiet ? [] : await nextSteps(await context.openStore(), report.tree, archive, source);
      output.result({ source, ...report }, () => [...saveLines(report, { dryRun: false, quiet: output.quiet }), ...steps]);
    }
  },
});
