import type { FolderPattern } from './pattern.ts';
import { type OwnerRule, RULE_SOURCES } from './types.ts';

/** A pattern with the rule that has it. */
export interface Claim {
  readonly rule: OwnerRule;
  readonly pattern: FolderPattern;
}

/**
 * Which of two claims to the same folder wins: negative when it is `a`. A claim to a folder always wins over those to folders above it, so
 * this is about the rest.
 * In this order:
 *
 * 1. the source of the rule: the user's, a package's, a shipped one;
 * 2. more components that are plain names, `~` being one;
 * 3. fewer `**`;
 * 4. fewer components with wildcards;
 * 5. more plain bytes in those;
 * 6. one from the top over one from each home;
 * 7. the id of the rule and the text of the pattern, in the order of their characters, so that there always is one answer.
 */
export function compareClaims(a: Claim, b: Claim): number {
  const mine = measuresOf(a);
  const theirs = measuresOf(b);
  for (let i = 0; i < mine.length; i++) if (mine[i] !== theirs[i]) return (mine[i] as number) - (theirs[i] as number);
  return order(a.rule.id, b.rule.id) || order(a.pattern.text, b.pattern.text);
}

/** The smaller, the more specific; the first that differs decides. */
function measuresOf({ rule, pattern }: Claim): number[] {
  const { components, fromHome } = pattern;
  const count = (kind: string) => components.filter((component) => component.kind === kind).length;
  const plainBytes = components
    .map((component) => (component.kind === 'glob' ? plainBytesOf(component.glob) : 0))
    .reduce((a, b) => a + b, 0);
  return [RULE_SOURCES.indexOf(rule.source), -count('name') - Number(fromHome), count('any'), count('glob'), -plainBytes, Number(fromHome)];
}

/** Bytes that stand for themselves: no wildcard, and not in brackets or braces. */
function plainBytesOf(glob: string): number {
  return glob.replace(/\\(.)/gs, 'x').replace(/\[[^\]]*\]|\{[^}]*\}|[*?]/g, '').length;
}

function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
