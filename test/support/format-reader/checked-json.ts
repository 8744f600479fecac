import { crc32 } from 'node:zlib';

/** Reads a line of checked JSON as docs/formats.md describes it; throws when its checksum is not right. */
export function readCheckedJson(line: string): Record<string, unknown> {
  const value = JSON.parse(line) as Record<string, unknown>;
  const end = line.lastIndexOf('"check"');
  const body = line.slice(0, line[end - 1] === ',' ? end - 1 : end);
  if (Object.keys(value).at(-1) !== 'check' || value.check !== crc32(body).toString(16).padStart(8, '0'))
    throw new Error(`wrong checksum: ${line}`);
  return value;
}
