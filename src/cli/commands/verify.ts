import { VarveError } from '../../base/errors.ts';
import type { VerifyProblem, VerifyReport } from '../../tree/types.ts';
import { verify } from '../../tree/verify/verify.ts';
import { defineCommand } from '../command.ts';
import { count, flag, part, value } from '../options.ts';
import { counted, formatDuration, formatSize } from '../output/amounts.ts';
import { formatTime } from '../output/times.ts';

export default defineCommand({
  description: [
    'Reads every record of the store, holds it against its checksum and its digest, and follows every revision of every archive to the last block that it needs. Says which files of which revisions any damage touches.',
    'What stands in a damaged segment does not count as present from then on: save --read-all stores it anew from files that still have it, and gc removes the segment when nothing depends on it.',
    'Exit status 0 means that everything is whole; 1 that something that is kept is damaged or missing.',
  ],
  arguments: [],
  options: {
    sample: value(
      '--sample PART',
      'Read only this part of the records, chosen at random, as 1% or 0.01; revisions are still followed',
      part,
    ),
    resume: flag('--resume', 'Go on where a run was interrupted, without reading once more what that has found sound'),
    threads: value('--threads N', 'Worker threads; 0 for none', count),
  },
  json: 'One object: segments, records, blocks, bytes, revisions, problems (a list of kind, where, message, harmless), touched (a list of archive, time, path), resumed (begun, skippedBytes), damagedSegments, condemned, elapsedMs.',
  interrupted: 'What was checked up to now is in order unless said otherwise; nothing was changed. Go on with: varve verify --resume',
  examples: [
    { command: 'varve verify', about: 'Check everything' },
    { command: 'varve verify --sample 5%', about: 'Check a twentieth of the data, as a daily routine' },
  ],
  async run(context, _, { sample, resume, threads }) {
    const { output, signal } = context;
    const store = await context.openStore();
    const report = await verify(store, {
      ...(sample !== undefined && { sample }),
      ...(resume && { resume }),
      ...(threads !== undefined && { threads }),
      onProgress: output.onProgress,
      onProblem: (problem) => output.detail(problemLine(problem)),
      signal,
    });
    output.result(report, () => reportLines(report, output.verbose));
    const harm = report.problems.filter(({ harmless }) => !harmless);
    if (harm.length > 0 || report.touched.length > 0) {
      throw new VarveError('DAMAGED_STORE', `${store.name} is damaged: ${counted(harm.length, 'problem')}`, {
        advice: adviceFor(report),
      });
    }
  },
});

function adviceFor({ problems, touched, damagedSegments, condemned }: VerifyReport): string {
  const again = 'save again, with --read-all, what you still have of it: it is stored anew, and varve verify will find it whole';
  const advice: string[] = [];
  if (problems.some(({ kind, harmless }) => kind === 'archive' && !harmless)) advice.push('Mend archives with: varve archives --repair.');
  if (!condemned) advice.push(`The store cannot be written to. Where it can, run varve verify once more; then ${again}.`);
  else if (touched.length > 0) advice.push(`To mend what is touched, ${again}. Then varve gc removes what is damaged.`);
  else if (damagedSegments > 0) advice.push('Nothing that any revision needs is in what is damaged. Remove it with: varve gc');
  return advice.join(' ') || 'Mend what is listed above.';
}

function problemLine({ kind, where, message, harmless }: VerifyProblem): string {
  return `${harmless ? 'harmless' : 'DAMAGED'}  ${kind}  ${where}: ${message}`;
}

function reportLines(
  { segments, records, blocks, bytes, revisions, problems, touched, resumed, elapsedMs }: VerifyReport,
  isVerbose: boolean,
): string[] {
  const whole = problems.every(({ harmless }) => harmless) && touched.length === 0;
  return [
    // With --verbose each was told when it was found.
    ...(isVerbose ? [] : problems.map(problemLine)),
    ...touched.map(({ archive, time, path }) => `touched  ${archive}@${formatTime(time)}:${path}`),
    `Read ${counted(blocks, 'block')} in ${counted(records, 'record')} of ${counted(segments, 'segment')}, ${formatSize(bytes)}, and followed ${counted(revisions, 'revision')}, in ${formatDuration(elapsedMs)}.`,
    ...(resumed === undefined
      ? []
      : [`Not read again: ${formatSize(resumed.skippedBytes)} of records, found sound since ${formatTime(resumed.begun)}.`]),
    ...(whole ? ['Everything is whole.'] : []),
  ];
}
