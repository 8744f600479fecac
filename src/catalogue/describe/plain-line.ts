/** Longer descriptions are cut. */
const MAX_LENGTH = 500;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g;
const DIRECTIONS = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text of a file or a server as one line that is safe to show: without control and direction characters, of 500 characters at most. */
export function plainLine(text: string): string {
  const line = text
    .slice(0, 4 * MAX_LENGTH)
    .toWellFormed()
    .replace(UNPRINTABLE, ' ')
    .replace(DIRECTIONS, '')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length <= MAX_LENGTH ? line : `${line.slice(0, MAX_LENGTH - 1).toWellFormed()}…`;
}
