import { UsageError } from '../../base/errors.ts';
import { dropRevisions } from '../../tree/forget.ts';
import { type ForgetPlan, type ForgetPolicy, planForget } from '../../tree/forget-policy.ts';
import { parseReference } from '../../tree/reference.ts';
import { findArchive } from '../../tree/resolve-reference.ts';
import type { LoggedRevision } from '../../tree/revision-line.ts';
import { selectRevision } from '../../tree/select-revision.ts';
import { readSpan } from '../../tree/span.ts';
import { defineCommand } from '../command.ts';
import type { OptionValues } from '../command-description.ts';
import type { Context } from '../context.ts';
import { count, flag, text, value, values } from '../options.ts';
import { counted } from '../output/amounts.ts';
import { formatTime } from '../output/times.ts';

const OPTIONS = {
  keepLast: value('--keep-last N', 'Keep the newest N', count),
  keepHourly: value('--keep-hourly N', 'Keep the newest of each of the last N hours that have any', count),
  keepDaily: value('--keep-daily N', 'The same by days', count),
  keepWeekly: value('--keep-weekly N', 'The same by weeks, from Monday', count),
  keepMonthly: value('--keep-monthly N', 'The same by months', count),
  keepYearly: value('--keep-yearly N', 'The same by years', count),
  keepWithin: value('--keep-within SPAN', 'Keep all that are not older than this, seen from the newest: 30d, 2w, 1y6mo', readSpan),
  keepTag: values('--keep-tag TAG', 'Keep all that have this tag; may be repeated', text),
  keepNone: flag('--keep-none', 'Drop all that are not pinned'),
  dryRun: flag('-n, --dry-run', 'List what would be dropped, and drop nothing'),
};

export default defineCommand({
  description: [
    'Drops revisions of archives. What is dropped is listed, and what is kept with the reason; a revision is kept if any of the rules keeps it, and pinned ones always are. The space is freed by varve gc.',
    'With ARCHIVE@TIME, ARCHIVE@~N or ARCHIVE@TAG that one revision is dropped, and no rule is needed.',
  ],
  arguments: [{ name: 'ARCHIVE', about: 'Archives that the rules are for, or single revisions', many: true, complete: 'archive' }],
  options: OPTIONS,
  json: 'One object a line for each archive: archive, dryRun, dropped (a list of revisions with time and tree), kept (the same with reasons).',
  interrupted: 'Each archive was either dealt with as a whole or not at all.',
  examples: [
    { command: 'varve forget docs --keep-daily 7 --keep-weekly 5 --keep-monthly 12 --dry-run', about: 'See what a policy would drop' },
    { command: "varve forget 'docs@~3'", about: 'Drop one revision' },
  ],
  async run(context, texts, options) {
    const policy = policyOf(options);
    const orders = texts.map((text) => orderOf(text, policy, options.keepNone));
    for (const { store: specification, target, decide } of orders) {
      const store = await context.openStore(specification);
      const archive = await findArchive(store, target);
      const { revisions, damaged } = await archive.read();
      context.damagedLines(archive.name, damaged);
      const plan = await decide(archive.name, revisions);
      // Listed first, and nothing is dropped but what was listed, whatever is saved meanwhile.
      printPlan(context, archive.name, plan, options.dryRun);
      if (options.dryRun || plan.drop.length === 0) continue;
      await dropRevisions(store, archive, plan.drop, context.signal);
      context.output.note(`Dropped ${counted(plan.drop.length, 'revision')} of ${archive.name}. Free the space with: varve gc`);
    }
  },
});

type Plan = ForgetPlan<LoggedRevision>;

function policyOf(options: OptionValues<typeof OPTIONS>): ForgetPolicy | undefined {
  const { keepLast, keepHourly, keepDaily, keepWeekly, keepMonthly, keepYearly, keepWithin, keepTag } = options;
  const policy = {
    ...(keepLast !== undefined && { last: keepLast }),
    ...(keepHourly !== undefined && { hourly: keepHourly }),
    ...(keepDaily !== undefined && { daily: keepDaily }),
    ...(keepWeekly !== undefined && { weekly: keepWeekly }),
    ...(keepMonthly !== undefined && { monthly: keepMonthly }),
    ...(keepYearly !== undefined && { yearly: keepYearly }),
    ...(keepWithin !== undefined && { within: keepWithin }),
    ...(keepTag.length > 0 && { tags: keepTag }),
  };
  if (options.keepNone && Object.keys(policy).length > 0) throw new UsageError('--keep-none contradicts the other rules');
  return Object.keys(policy).length > 0 ? policy : undefined;
}

/** What is to be done with one argument. Throws UsageError before anything is done with any. */
function orderOf(text: string, policy: ForgetPolicy | undefined, keepNone: boolean) {
  const { store, target, path } = parseReference(text);
  if (target.kind === 'tree' || path.length > 0)
    throw new UsageError(`${text} is no archive`, 'Name an ARCHIVE, or one revision of it: ARCHIVE@TIME, ARCHIVE@~N, ARCHIVE@TAG.');
  const { when } = target;
  if (when === undefined && policy === undefined && !keepNone) {
    throw new UsageError(
      `nothing says which revisions of ${text} are to be kept`,
      'Give a rule, as --keep-daily 7, or --keep-none to drop all.',
    );
  }
  return {
    store,
    target,
    decide: async (archive: string, revisions: readonly LoggedRevision[]): Promise<Plan> =>
      when === undefined
        ? byPolicy(archive, revisions, policy ?? {}, keepNone)
        : onlyOne(await selectRevision(archive, revisions, when, new Date()), revisions),
  };
}

function byPolicy(archive: string, revisions: readonly LoggedRevision[], policy: ForgetPolicy, keepNone: boolean): Plan {
  const plan = planForget(revisions, policy, Temporal.Now.timeZoneId());
  if (plan.keep.length > 0 || plan.drop.length === 0 || keepNone) return plan;
  throw new UsageError(`these rules would drop every revision of ${archive}`, 'If that is what you want, say --keep-none.');
}

function onlyOne(one: LoggedRevision, revisions: readonly LoggedRevision[]): Plan {
  if (one.pinned) throw new UsageError(`the revision of ${one.time} is pinned`, 'Unpin it first with: varve tag REF --unpin');
  const others = revisions.filter((revision) => revision !== one);
  return { keep: others.map((revision) => ({ revision, reasons: ['not asked for'] })), drop: [one] };
}

function printPlan({ output }: Context, archive: string, { keep, drop }: Plan, dryRun: boolean): void {
  const plan = {
    archive,
    dryRun,
    dropped: drop.map(({ time, tree }) => ({ time, tree })),
    kept: keep.map(({ revision: { time, tree }, reasons }) => ({ time, tree, reasons })),
  };
  output.result(plan, () => [
    ...(output.quiet ? [] : keep.map(({ revision, reasons }) => `keep  ${archive}@${formatTime(revision.time)}  ${reasons.join(', ')}`)),
    ...drop.map((revision) => `drop  ${archive}@${formatTime(revision.time)}  ${revision.note ?? ''}`.trimEnd()),
  ]);
}
