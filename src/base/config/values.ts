import type { Kind } from './definitions.ts';
import { parseRetention, parseSpan } from './retention.ts';
import { parseSize } from './size.ts';
import type { SettingValue } from './types.ts';

/** What paths are expanded by: relative ones start at `base`. */
export interface Place {
  expand(path: string): string;
}

/** The value of `kind` that TOML gave. Throws RangeError with what was wanted. */
export function fromToml(kind: Kind, value: unknown, place: Place): SettingValue {
  switch (kind.type) {
    case 'text':
      return wanted(typeof value === 'string' && value !== '', value as string, 'a text in quotes');
    case 'path':
      return place.expand(wanted(typeof value === 'string' && value !== '', value as string, 'a path in quotes'));
    case 'choice':
      return wanted(kind.of.includes(value as string), value as string, `one of ${kind.of.map((choice) => `"${choice}"`).join(', ')}`);
    case 'integer':
      return within(kind, typeof value === 'bigint' ? Number(value) : value, 'a whole number');
    case 'size':
      return within(kind, typeof value === 'string' ? parseSize(value) : value, 'a number of bytes, or a size like "64 KiB",');
    case 'boolean':
      return wanted(typeof value === 'boolean', value as boolean, 'true or false');
    case 'span':
      parseSpan(value);
      return value as string;
    case 'retention':
      return retention(value);
    case 'texts':
      return texts(value);
    case 'paths':
      return texts(value).map((path) => place.expand(path));
  }
}

/** The value of `kind` that a text of the environment or the command line means. Throws RangeError with what was wanted. */
export function fromText(kind: Kind, text: string, place: Place): SettingValue {
  return fromToml(kind, tomlValueOf(kind, text), place);
}

/** A text of the command line as TOML would hold it; lists are separated by commas, or by line ends where there are any. */
export function tomlValueOf(kind: Kind, text: string): string | number | boolean | string[] {
  switch (kind.type) {
    case 'integer':
      return /^\d+$/.test(text) ? Number(text) : text;
    case 'boolean':
      if (/^(true|yes|on|1)$/i.test(text)) return true;
      return /^(false|no|off|0)$/i.test(text) ? false : text;
    case 'retention':
    case 'texts':
    case 'paths':
      return text
        .split(text.includes('\n') ? '\n' : ',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
    default:
      return text;
  }
}

function texts(value: unknown): string[] {
  return wanted(
    Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== ''),
    value as string[],
    'a list of texts in quotes',
  );
}

function retention(value: unknown): string[] {
  parseRetention(value);
  return Array.isArray(value) ? value : [value as string];
}

function within({ from, to }: { from: number; to: number }, value: unknown, what: string): number {
  return wanted(
    Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to,
    value as number,
    `${what} from ${from} to ${to}`,
  );
}

function wanted<Value>(good: boolean, value: Value, what: string): Value {
  if (!good) throw new RangeError(`must be ${what}`);
  return value;
}
