import { collect } from '../../tree/collect.ts';
import { defineCommand } from '../command.ts';
import { flag } from '../options.ts';
import { counted, formatCount, formatDuration, formatSize } from '../output/amounts.ts';

export default defineCommand({
  description: [
    'Removes the blocks that no revision of any archive needs, and gives their space back. It may run while others save, restore or verify, and may be stopped at any time without harm.',
    'What a running save may be using is left for the next time. A damaged segment is left for as long as it may hold the only copy of something that is needed; the exit status is then 3.',
    'On a full disk it begins where least has to be moved. If there is no space for that either, it says how much is needed, and the exit status is 3.',
  ],
  arguments: [],
  options: { dryRun: flag('-n, --dry-run', 'Say how much would be freed, and free nothing') },
  json: 'One object: liveBlocks, deadBlocks, deadBytes, removedSegments, movedBlocks, freedBytes, waitingSegments, damagedSegments, crowdedSegments, neededBytes, elapsedMs.',
  interrupted: 'Nothing is lost; the next varve gc goes on where this one stopped.',
  examples: [
    { command: 'varve gc --dry-run', about: 'How much space could be freed?' },
    { command: 'varve forget docs --keep-daily 7 && varve gc', about: 'Drop old revisions and free their space' },
  ],
  async run(context, _, { dryRun }) {
    const { output, signal } = context;
    const store = await context.openStore();
    const report = await collect(store, { dryRun, onProgress: output.onProgress, signal });
    const { liveBlocks, deadBlocks, deadBytes, removedSegments, movedBlocks, freedBytes, elapsedMs } = report;
    const { waitingSegments, damagedSegments, crowdedSegments, neededBytes } = report;
    if (damagedSegments + crowdedSegments > 0) context.partial();
    output.result(report, () => [
      `${counted(liveBlocks, 'block')} are needed, ${formatCount(deadBlocks)} (${formatSize(deadBytes)}) are not.`,
      `${dryRun ? 'Would free' : 'Freed'} ${formatSize(freedBytes)}: ${counted(removedSegments, 'segment')} removed, ${counted(movedBlocks, 'block')} moved, in ${formatDuration(elapsedMs)}.`,
      ...(waitingSegments > 0
        ? [
            `${counted(waitingSegments, 'segment')} ${waitingSegments === 1 ? 'waits' : 'wait'} for saves that are running; run varve gc again later.`,
          ]
        : []),
      ...(damagedSegments > 0
        ? [
            `${counted(damagedSegments, 'segment')} ${damagedSegments === 1 ? 'is' : 'are'} damaged and kept, being the last place of something that is needed; varve verify says what, and what to do.`,
          ]
        : []),
      ...(crowdedSegments > 0
        ? [
            `There was no space to empty ${counted(crowdedSegments, 'segment')}: free ${formatSize(neededBytes)} and run varve gc again, or varve forget more revisions.`,
          ]
        : []),
    ]);
  },
});
