import type { SettingValue } from './types.ts';

/** A value as TOML writes it on one line. Throws RangeError for undefined, which TOML cannot write. */
export function toToml(value: SettingValue): string {
  if (value === undefined) throw new RangeError('no value');
  if (typeof value === 'string') return quoted(value);
  return typeof value === 'object' ? `[${value.map(quoted).join(', ')}]` : String(value);
}

/** JSON's escapes are TOML's, but for DEL, which TOML wants escaped. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('\x7f', '\\u007F');
}
