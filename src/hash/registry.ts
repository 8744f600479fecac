import { VarveError } from '../base/errors.ts';
import { blake3 } from './blake3.ts';
import { sha1, sha2_256, sha2_512, sha3_256 } from './node-crypto.ts';
import type { HashAlgorithm } from './types.ts';

/** Every algorithm a store may use (S1); the first is the default. */
export const hashAlgorithms: readonly HashAlgorithm[] = [blake3, sha2_256, sha2_512, sha1, sha3_256];

const ALIASES: Record<string, string> = { sha256: 'sha2-256', sha512: 'sha2-512' };

/** Nobody registered this algorithm. */
export class UnknownHashError extends VarveError {
  constructor(name: string) {
    super('UNKNOWN_HASH', `unknown hash algorithm: ${name}`, {
      advice: `Known are ${hashAlgorithms.map((algorithm) => algorithm.name).join(', ')}.`,
    });
  }
}

/** The algorithm of that name; `sha256` and `sha512` are understood too. */
export function hashByName(name: string): HashAlgorithm {
  const wanted = ALIASES[name] ?? name;
  const found = hashAlgorithms.find((algorithm) => algorithm.name === wanted);
  if (!found) throw new UnknownHashError(name);
  return found;
}

/** The algorithm of that multihash code. */
export function hashByCode(code: number): HashAlgorithm {
  const found = hashAlgorithms.find((algorithm) => algorithm.code === code);
  if (!found) throw new UnknownHashError(`multihash code 0x${code.toString(16)}`);
  return found;
}
