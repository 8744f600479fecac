import { crc32 } from 'node:zlib';
import { FormatError } from './errors.ts';
import { readWhole } from './read-whole.ts';

/** A JSON object on one line, ended by the checksum of all before it: `{…,"check":"1a2b3c4d"}`. */
export function encodeCheckedJson(value: Record<string, unknown>): string {
  const body = JSON.stringify(value).slice(0, -1);
  return `${body}${body.length > 1 ? ',' : ''}"check":"${checksum(body)}"}\n`;
}

/** Reads such a line; `what` names it in the FormatError that one raises which is damaged, or checked but no JSON. */
export function decodeCheckedJson(text: string, what: string): Record<string, unknown> {
  const match = /^(\{.*?),?"check":"([0-9a-f]{8})"\}\n?$/s.exec(text);
  if (!match || checksum(match[1] as string) !== match[2]) throw new FormatError(what, 'checksum is missing or differs');
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof SyntaxError) throw new FormatError(what, 'checksum fits, but it is no JSON');
    throw error;
  }
}

export function readCheckedJson(file: string, what: string): Record<string, unknown> {
  return decodeCheckedJson(readWhole(file).toString('utf8'), what);
}

function checksum(body: string): string {
  return crc32(body).toString(16).padStart(8, '0');
}
