import { UsageError, VarveError } from '../../base/errors.ts';
import { digestFromText, digestToText } from '../../hash/digest.ts';
import { PREFIX_BYTES } from '../../hash/multihash.ts';
import type { Digest } from '../../hash/types.ts';
import { type CheckOptions, type CheckResult, checkDatadir } from '../../store/datadir/check/check.ts';
import { CheckedSegments } from '../../store/datadir/check/checked-segments.ts';
import { condemnDamaged } from '../../store/datadir/condemn-damaged.ts';
import { Datadir } from '../../store/datadir/datadir.ts';
import { listSegments } from '../../store/datadir/segment-file.ts';
import type { Store } from '../../store/types.ts';
import { Archive } from '../archive.ts';
import { Reachable } from '../reachable.ts';
import type { LoggedRevision } from '../revision-line.ts';
import type { TouchedFile, VerifyOptions, VerifyProblem, VerifyReport } from '../types.ts';
import { TouchedFiles } from './touched-files.ts';

/**
 * Proves a store whole, or says what is not (S31): every record's checksums, every block's digest, the index, every line of every archive, and that every block that a
 * revision needs is there and sound. What damage touches is named by archive, revision and path. Segments in which anything is damaged are condemned, so that whoever saves
 * the same again stores it anew; where the store cannot be written to, the report says that they are not.
 *
 * Runs beside writers. Rejects only when the store cannot be read at all.
 */
export async function verify(store: Store, options: VerifyOptions = {}): Promise<VerifyReport> {
  if (!(store instanceof Datadir)) throw new UsageError(`${store.name} cannot be verified from here`);
  const startedAt = performance.now();
  const problems: VerifyProblem[] = [];
  const report = (problem: VerifyProblem) => {
    problems.push(problem);
    options.onProblem?.(problem);
  };
  // What is forgotten and collected while this goes on must not look as if it were lost: pinned first, and looked for in the archives only then.
  const pins = new Set((await readArchives(store, ignore)).map(({ revision }) => revision.tree));
  const hold = await store.hold([...pins].map(digestFromText));
  try {
    // The archives first: whatever they name by now is in the segments that are read next.
    const revisions = (await readArchives(store, report)).filter(({ revision }) => pins.has(revision.tree));
    const done = options.sample === undefined ? new CheckedSegments(store.layout.verifying, options.resume === true) : undefined;
    const checked = await checkSteady(store, {
      onProblem: report,
      ...(done !== undefined && { checked: done }),
      ...(options.sample !== undefined && { sample: options.sample }),
      ...(options.threads !== undefined && { threads: options.threads }),
      ...(options.signal !== undefined && { signal: options.signal }),
      onBytes: (doneBytes, totalBytes) => options.onProgress?.({ phase: 'verifying', doneItems: 0, doneBytes, totalBytes }),
    });
    await store.catchUp();
    const touched = await checkTrees(store, revisions, checked, report, options.signal);
    const harmed = problems.some(({ kind }) => kind === 'missing' || kind === 'tree');
    for (const where of checked.missingSegments) {
      report({
        kind: 'segment',
        where,
        message: harmed ? 'the segment is missing' : 'the segment is gone, and with it nothing that any revision needs',
        harmless: !harmed,
      });
    }
    for (const problem of checked.condemnedProblems) report({ ...problem, harmless: !harmed });
    const { segments, records, blocks, bytes, skippedBytes, damagedSegments } = checked;
    const condemned = damagedSegments.length === 0 || (await condemnDamaged(store, damagedSegments, options.signal));
    done?.remove();
    return {
      ...{ segments, records, blocks, bytes, revisions: revisions.length, problems, touched },
      ...(done !== undefined && skippedBytes > 0 && { resumed: { begun: done.begun, skippedBytes } }),
      damagedSegments: damagedSegments.length,
      condemned,
      elapsedMs: performance.now() - startedAt,
    };
  } finally {
    await hold.release();
  }
}

function ignore(): void {}

/** Checks the store, once more if the collector has moved blocks meanwhile: they may have come to where was looked already. */
async function checkSteady(store: Datadir, options: CheckOptions): Promise<CheckResult> {
  for (let attempt = 1; ; attempt++) {
    const before = listSegments(store.layout);
    const result = await checkDatadir(store, options);
    const after = listSegments(store.layout);
    if (attempt === 3 || [...before.keys()].every((id) => after.has(id))) return result;
  }
}

interface NamedRevision {
  readonly archive: string;
  readonly revision: LoggedRevision;
}

async function readArchives(store: Datadir, report: (problem: VerifyProblem) => void): Promise<NamedRevision[]> {
  const all: NamedRevision[] = [];
  for (const name of await store.archiveNames()) {
    const log = store.archive(name);
    const problem = await log.problem();
    if (problem !== undefined) report({ kind: 'archive', where: log.path, message: problem, harmless: false });
    const { revisions, damaged } = await new Archive(log).read();
    for (const { lineNumber, problem: message } of damaged)
      report({ kind: 'archive', where: `${log.path} line ${lineNumber}`, message, harmless: false });
    for (const revision of revisions) all.push({ archive: name, revision });
  }
  return all;
}

/** Whether every block that a revision needs is sound; what is touched where one is not. */
async function checkTrees(
  store: Datadir,
  revisions: readonly NamedRevision[],
  { sound }: CheckResult,
  report: (problem: VerifyProblem) => void,
  signal: AbortSignal | undefined,
): Promise<readonly TouchedFile[]> {
  const reachable = new Reachable(store);
  const unreadable: Digest[] = [];
  for (const { archive, revision } of revisions) {
    const onUnreadable = (digest: Digest, error: unknown) => {
      if (!(error instanceof VarveError)) throw error;
      unreadable.push(digest);
      report({
        kind: 'tree',
        where: `${archive}@${revision.time}`,
        message: `block ${digestToText(digest)}: ${error.message}`,
        harmless: false,
      });
    };
    await reachable.mark([digestFromText(revision.tree)], signal === undefined ? { onUnreadable } : { onUnreadable, signal });
  }
  let missing = 0;
  for (let row = 0; row < reachable.marked.size; row++) if (!sound.has(reachable.marked.key(row))) missing++;
  if (missing === 0 && unreadable.length === 0) return [];
  if (missing > 0)
    report({
      kind: 'missing',
      where: store.name,
      message: `${missing} blocks that revisions need are missing or damaged`,
      harmless: false,
    });
  const finder = new TouchedFiles(store, (digest) => sound.has(digest, PREFIX_BYTES));
  const touched: TouchedFile[] = [];
  for (const { archive, revision } of revisions) {
    for (const path of await finder.in(digestFromText(revision.tree))) touched.push({ archive, time: revision.time, path });
  }
  return touched;
}
