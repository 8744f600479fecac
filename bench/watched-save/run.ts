/**
 * `varve save` of a folder that its daemon watches, beside restic and borg, which walk it: when nothing has changed, when one file has, and when one in a hundred has (docs/benchmarks.md).
 *
 *   node bench/watched-save/run.ts [--folder DIR] [--files N] [--runs N] [--peers NAME,…] [--smoke]
 *
 *   --folder DIR  where the tree and the stores are made, in a folder of their own (the system's temporary folder)
 *   --files N     files of the tree, a hundred in a directory (200000)
 *   --runs N      times each is repeated (5); a value is the median
 *   --peers NAME  only these
 *   --smoke       a tiny tree, once: shows that the benchmark works, not how fast anything is
 */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '../corpora/random.ts';
import { firstLine, measure, runToEnd } from '../measure.ts';
import { borg } from '../peers/borg.ts';
import { restic } from '../peers/restic.ts';
import type { Peer } from '../peers/types.ts';
import { varve } from '../peers/varve.ts';
import { markdown } from '../report.ts';
import { median } from '../statistics.ts';
import { watching } from './watching.ts';

const { values: options } = parseArgs({
  options: {
    folder: { type: 'string', default: tmpdir() },
    files: { type: 'string', default: '200000' },
    runs: { type: 'string', default: '5' },
    peers: { type: 'string' },
    smoke: { type: 'boolean', default: false },
  },
});
const FILES_A_DIRECTORY = 100;
const files = options.smoke ? 300 : Number(options.files);
const runs = options.smoke ? 1 : Number(options.runs);
const STEPS: readonly { readonly name: string; readonly every: number }[] = [
  { name: 'nothing changed', every: Number.POSITIVE_INFINITY },
  { name: 'one file changed', every: files },
  { name: 'one file in a hundred changed', every: 100 },
];

const top = mkdtempSync(join(options.folder, 'varve-bench-watched-'));
try {
  const tree = join(top, 'tree');
  makeTree(tree);
  const wanted = options.peers?.split(',');
  await bench(
    tree,
    [varve, restic, borg].filter((peer) => wanted?.includes(peer.name) !== false && isHere(peer)),
  );
} finally {
  rmSync(top, { recursive: true });
}

async function bench(tree: string, peers: readonly Peer[]): Promise<void> {
  const homeOf = ({ name }: Peer) => join(top, name);
  for (const peer of peers) {
    mkdirSync(homeOf(peer));
    if (peer.init) await runToEnd(peer.init(homeOf(peer)));
  }
  await using _daemon = await watching(homeOf(varve), tree);
  let revision = 0;
  const saveAll = async (): Promise<Map<Peer, number>> => {
    revision++;
    const times = new Map<Peer, number>();
    for (const peer of peers) {
      await runToEnd({ argv: ['sync'] });
      times.set(peer, (await measure(peer.save(homeOf(peer), tree, revision))).wallMs);
    }
    return times;
  };
  await saveAll();
  const rows = [];
  for (const { name, every } of STEPS) {
    const taken: Map<Peer, number>[] = [];
    for (let run = 0; run < runs; run++) {
      for (let file = 0; file < files && Number.isFinite(every); file += every) appendFileSync(pathOf(tree, file), `${revision}\n`);
      taken.push(await saveAll());
    }
    const values = peers.map((peer) => [peer.name, median(taken.map((times) => times.get(peer) as number))] as const);
    rows.push({ name, unit: 'ms' as const, values: Object.fromEntries(values) });
  }
  console.log(
    markdown(
      { title: `${files} files in ${Math.ceil(files / FILES_A_DIRECTORY)} directories, watched; medians of ${runs}`, rows },
      peers.map(({ name }) => name),
    ),
  );
}

function isHere(peer: Peer): boolean {
  const version = firstLine(peer.version);
  console.log(version === undefined ? `- ${peer.name}: not here` : `- ${peer.name} (${version}): ${peer.settings}`);
  return version !== undefined;
}

function pathOf(tree: string, file: number): string {
  return join(tree, `directory-${Math.floor(file / FILES_A_DIRECTORY)}`, `file-${file}`);
}

/** Small files that nothing compresses, so that what counts is how many there are. */
function makeTree(tree: string): void {
  const random = new Random(files);
  for (let file = 0; file < files; file++) {
    if (file % FILES_A_DIRECTORY === 0) mkdirSync(join(pathOf(tree, file), '..'), { recursive: true });
    writeFileSync(pathOf(tree, file), random.bytes(random.size(100, 2000)));
  }
}
