/** Paints texts for a terminal, or leaves them as they are. */
export type Paint = (colour: Colour, text: string) => string;

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;
export type Colour = keyof typeof CODES;

/** Colours on terminals only, and not where `NO_COLOR` is set (no-color.org) or the terminal is dumb. */
export function paintFor(isTerminal: boolean): Paint {
  if (!isTerminal || process.env.NO_COLOR || process.env.TERM === 'dumb') return (_, text) => text;
  return (colour, text) => `\x1b[${CODES[colour]}m${text}\x1b[0m`;
}
