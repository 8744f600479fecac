import fs from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../../base/config/errors.ts';
import { outline } from '../../base/config/outline.ts';
import { parseToml } from '../../base/config/parse-toml.ts';
import { hasErrno } from '../../base/errors.ts';
import { RuleFault, ruleOf } from './rule-table.ts';
import { SHIPPED_RULES } from './shipped.ts';
import type { OwnerRule } from './types.ts';

export interface LoadedRules {
  /** The user's and the shipped ones that they do not replace. */
  readonly rules: readonly OwnerRule[];
  /** One for each file that could not be read as a rule, the others hold; and one where the folder could not be listed. */
  readonly faults: readonly ConfigError[];
}

const ENDING = '.toml';
const MAX_FILE_BYTES = 1 << 20;
const MAX_FILES = 10_000;
const ADVICE = 'Correct it: until then a daemon that runs goes by what it said before, and lets no content go.';

/**
 * The rules of `folder` (`owners` beside config.toml), which need not exist, and the shipped ones. A file of the id of a shipped rule
 * replaces it. What cannot be read stays as it was in `before`, and else replaces nothing, so that a slip of the pen does not make varve keep less.
 */
export async function loadRules(folder: string, before?: LoadedRules): Promise<LoadedRules> {
  const { files, fault } = ruleFiles(folder);
  const ownBefore = before?.rules.filter(({ source }) => source === 'user') ?? [];
  const own: OwnerRule[] = fault === undefined ? [] : [...ownBefore];
  const faults = fault === undefined ? [] : [fault];
  for (const file of files) {
    try {
      own.push(await readRule(join(folder, file)));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      faults.push(error);
      own.push(...ownBefore.filter(({ id }) => id === idOf(file)));
    }
  }
  const replaced = new Set(own.map(({ id }) => id));
  return { rules: [...own, ...SHIPPED_RULES.filter(({ id }) => !replaced.has(id))], faults };
}

/** The rule of one file. Throws ConfigError with the line and the reason. */
export async function readRule(file: string): Promise<OwnerRule> {
  const text = readText(file);
  const table = await parseToml(text, file);
  try {
    return ruleOf(idOf(file), table, 'user');
  } catch (error) {
    if (!(error instanceof RuleFault)) throw error;
    throw new ConfigError(`${file}:${lineOf(error.key, text)}`, error.message, ADVICE);
  }
}

function idOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1, -ENDING.length);
}

/** The names of the rule files of a folder, sorted; none, and why, where they cannot be told. */
export function ruleFiles(folder: string): { readonly files: readonly string[]; readonly fault?: ConfigError } {
  let names: string[];
  try {
    names = fs.readdirSync(folder);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return { files: [] };
    return { files: [], fault: new ConfigError(folder, `cannot be listed: ${(error as Error).message}`) };
  }
  // Names that begin with a dot are those of editors at work.
  const files = names.filter((name) => name.endsWith(ENDING) && !name.startsWith('.')).sort();
  if (files.length > MAX_FILES) return { files: [], fault: new ConfigError(folder, `holds more than ${MAX_FILES} rules`) };
  return { files };
}

function readText(file: string): string {
  let bytes: Buffer;
  try {
    const { size } = fs.statSync(file);
    if (size > MAX_FILE_BYTES) throw new ConfigError(file, `is larger than ${MAX_FILE_BYTES} bytes`, ADVICE);
    bytes = fs.readFileSync(file);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(file, `cannot be read: ${(error as Error).message}`, ADVICE);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigError(file, 'is not UTF-8', ADVICE);
  }
}

/** Where the key is set; the first line where it is missing. */
function lineOf(key: string, text: string): number {
  for (const { path, line, assignments } of outline(text)) {
    const assignment = assignments.find((candidate) => candidate.path[0] === key);
    if (assignment) return assignment.firstLine + 1;
    if (path[0] === key) return line + 1;
  }
  return 1;
}
