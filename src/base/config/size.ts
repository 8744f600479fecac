const SIZE = /^(\d+(?:\.\d+)?)\s*(?:([kmgt])i?b?|b)?$/i;

/** The bytes that a text means: `4096`, `16 KiB`, `16k` (both 16384), `1.5 MB` (decimal where the unit ends in B without an i). Undefined for other texts. */
export function parseSize(text: string): number | undefined {
  const [, digits, letter] = SIZE.exec(text.trim()) ?? [];
  if (digits === undefined) return undefined;
  const decimal = /[kmgt]b$/i.test(text.trim());
  const power = letter === undefined ? 0 : 'kmgt'.indexOf(letter.toLowerCase()) + 1;
  const bytes = Number(digits) * (decimal ? 1000 : 1024) ** power;
  return Number.isSafeInteger(Math.round(bytes)) ? Math.round(bytes) : undefined;
}
