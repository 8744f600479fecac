import { toToml } from '../../base/config/to-toml.ts';
import { type ByteName, nameFromText, nameToBytes, showName } from '../../base/names.ts';
import type { OwnerMatcher } from '../owners/matcher.ts';

/** How often a program has changed something right in a folder. */
export interface WriteCount {
  readonly executable: ByteName;
  readonly unit: string | undefined;
  /** Absolute. */
  readonly folder: ByteName;
  readonly count: number;
}

/** A rule that the user may take over. */
export interface OwnerProposal {
  readonly id: string;
  readonly comment: string;
  /** Patterns of rule files. */
  readonly folders: readonly string[];
  /** Changes it has made there, and all that were made there. */
  readonly own: number;
  readonly all: number;
}

export interface ProposalContext {
  /** Folders that these rules claim have an owner already. */
  readonly matcher: OwnerMatcher;
  readonly homes: readonly ByteName[];
  /** Watched folders: one of them as a whole is nobody's. */
  readonly roots: readonly ByteName[];
}

/** Fewer changes than this say little. */
const LEAST_CHANGES = 20;
/** A folder belongs to whoever made at least this part of all changes below it. */
const LEAST_SHARE = 0.9;
const MAX_FOLDERS = 20;
/** Programs that work on anybody's files; a unit tells more than those of them that run scripts. */
const ANYBODYS =
  /^(ba|da|z|fi|tc|k)?sh$|^(cp|mv|rm|ln|dd|tee|touch|cat|install|rsync|tar|unzip|gzip|zstd|find|sed|vim?|nvim|nano|emacs|git|make|sudo|busybox|coreutils)$/;
const INTERPRETERS = /^(python|perl|ruby|node|nodejs|java|php|lua|deno|bun|mono|dotnet|guile|tclsh|R)[0-9.]*$/;

interface Tally {
  all: number;
  readonly byProgram: Map<string, number>;
}

/**
 * Programs as owners, from what they were seen to change: of each the highest folders, not too near the top, in and below which it has made
 * nearly all changes. Those with most changes come first. A pure function; nothing is written.
 */
export function proposeOwners(counts: readonly WriteCount[], { matcher, homes, roots }: ProposalContext): OwnerProposal[] {
  const tallies = new Map<string, Tally>();
  for (const { executable, unit, folder, count } of counts) {
    const program = programOf(executable, unit);
    for (const above of foldersAbove(folder)) {
      const tally = tallies.get(above) ?? { all: 0, byProgram: new Map() };
      tallies.set(above, tally);
      tally.all += count;
      if (program !== undefined) tally.byProgram.set(program, (tally.byProgram.get(program) ?? 0) + count);
    }
  }

  const found = new Map<string, { folders: string[]; own: number; all: number }>();
  const taken = new Set<string>();
  // Shorter paths first, so that a folder is taken before those in it.
  for (const [folder, { all, byProgram }] of [...tallies].sort(([a], [b]) => a.length - b.length)) {
    const [program, own] = [...byProgram].reduce((best, next) => (next[1] > best[1] ? next : best), ['', 0]);
    if (own < LEAST_CHANGES || own < LEAST_SHARE * all || foldersAbove(folder).some((above) => taken.has(above))) continue;
    if (isTooGeneral(folder, homes, roots) || !isText(folder as ByteName) || matcher.ownerOf(folder as ByteName) !== undefined) continue;
    taken.add(folder);
    const proposal = found.get(program) ?? { folders: [], own: 0, all: 0 };
    found.set(program, proposal);
    if (proposal.folders.length >= MAX_FOLDERS) continue;
    proposal.folders.push(patternTextOf(folder as ByteName, homes));
    proposal.own += own;
    proposal.all += all;
  }
  return [...found]
    .map(([program, proposal]) => ({ id: idOf(program), comment: `Folders that only ${program} was seen to change`, ...proposal }))
    .sort((a, b) => b.own - a.own);
}

/** The rule file of a proposal. */
export function ruleFileOf({ id, comment, folders, own, all }: OwnerProposal): string {
  return `# Proposed by varve: ${id} has made ${own} of ${all} changes in these folders.
comment = ${toToml(comment)}
folders = ${toToml(folders)}
`;
}

/**
 * What a program is called: by its file, or where that is an interpreter, by its service. Undefined for those that work on anybody's files.
 */
function programOf(executable: ByteName, unit: string | undefined): string | undefined {
  const name = showName(executable.slice(executable.lastIndexOf('/') + 1) as ByteName);
  if (ANYBODYS.test(name) || name === '') return undefined;
  if (!INTERPRETERS.test(name)) return name;
  return unit?.endsWith('.service') ? unit.slice(0, -'.service'.length) : undefined;
}

/** Whether a rule file, which is UTF-8, can name it. */
function isText(path: ByteName): boolean {
  return nameFromText(nameToBytes(path).toString('utf8')) === path;
}

/** The folder and those above it but the top. */
function foldersAbove(folder: string): string[] {
  const found: string[] = [];
  for (let end = folder.length; end > 0; end = folder.lastIndexOf('/', end - 1)) found.push(folder.slice(0, end));
  return found;
}

/**
 * Homes, watched folders and what is above them, what stands right below the top, and what a home keeps by kind (`~/.config`) belong to no single program.
 */
function isTooGeneral(folder: string, homes: readonly ByteName[], roots: readonly ByteName[]): boolean {
  if ([...homes, ...roots].some((general) => general === folder || general.startsWith(`${folder}/`))) return true;
  const home = homes.find((candidate) => folder.startsWith(`${candidate}/`));
  const names = folder
    .slice(home?.length ?? 0)
    .split('/')
    .slice(1);
  if (home === undefined) return names.length < 3;
  return names.length < (names[0] === '.local' ? 3 : ['.config', '.cache', '.var'].includes(names[0] as string) ? 2 : 1);
}

function patternTextOf(folder: ByteName, homes: readonly ByteName[]): string {
  const home = homes.find((candidate) => folder.startsWith(`${candidate}/`));
  const plain = (path: string) =>
    Buffer.from(path, 'latin1')
      .toString('utf8')
      .replace(/[\\*?[\]{}]/g, '\\$&');
  return home === undefined ? plain(folder) : `~${plain(folder.slice(home.length))}`;
}

function idOf(program: string): string {
  return (
    program
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'program'
  );
}
