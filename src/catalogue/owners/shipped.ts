import { ruleOf } from './rule-table.ts';
import { DEVELOPMENT } from './shipped/development.ts';
import { PEOPLE } from './shipped/people.ts';
import { PROGRAMS } from './shipped/programs.ts';
import { SYSTEM } from './shipped/system.ts';
import type { OwnerRule } from './types.ts';

/**
 * The rules that come with Varve, by id, in the words of rule files. They are code and not files because the bundle of commands has no
 * files beside it. A file of the user with the same id replaces one.
 */
export const SHIPPED_RULES: readonly OwnerRule[] = Object.entries({ ...PEOPLE, ...SYSTEM, ...PROGRAMS, ...DEVELOPMENT }).map(
  ([id, table]) => ruleOf(id, { ...table }, 'shipped'),
);
