import fs from 'node:fs';
import type { Random } from '../support/random.ts';

/** Something that happens to a file behind the store's back. */
export interface Damage {
  readonly kind: 'flip' | 'truncate' | 'delete' | 'append' | 'zero';
  /** Where, and for `append` and `zero` how many bytes. */
  readonly at: number;
  readonly bytes: number;
}

/** A damage of a file of this size, or undefined when it would change nothing. */
export function pickDamage(random: Random, sizeBytes: number): Damage {
  const at = random.below(Math.max(1, sizeBytes));
  const kinds: Damage['kind'][] = sizeBytes === 0 ? ['delete', 'append'] : ['flip', 'flip', 'flip', 'truncate', 'delete', 'append', 'zero'];
  return { kind: random.pick(kinds), at, bytes: 1 + random.below(2000) };
}

/** Does it. False when the file is as it was, since there were zeros already. */
export function inflict(file: string, { kind, at, bytes }: Damage, random: Random): boolean {
  const before = fs.readFileSync(file);
  switch (kind) {
    case 'flip':
      fs.writeFileSync(file, flipped(before, at, random.below(8)));
      break;
    case 'truncate':
      fs.truncateSync(file, at);
      break;
    case 'delete':
      fs.rmSync(file);
      return true;
    case 'append':
      fs.appendFileSync(file, random.bytes(bytes));
      break;
    case 'zero':
      fs.writeFileSync(file, Buffer.from(before).fill(0, at, Math.min(before.length, at + bytes)));
  }
  return !fs.readFileSync(file).equals(before);
}

function flipped(bytes: Buffer, at: number, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] as number) ^ (1 << bit);
  return copy;
}
