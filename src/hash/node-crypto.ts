import { toDigest } from './multihash.ts';
import type { HashAlgorithm } from './types.ts';

/** Loaded when it is first used: it takes longer than all of a small command. */
const crypto = () => process.getBuiltinModule('node:crypto');

/** An algorithm that node:crypto (OpenSSL) computes. Codes are those of the multihash table. */
function fromNodeCrypto(name: string, code: number, hashBytes: number, opensslName: string): HashAlgorithm {
  return {
    name,
    code,
    hashBytes,
    digestBytes: 2 + hashBytes,
    hash: (bytes) => toDigest(code, crypto().hash(opensslName, bytes, 'buffer')),
    hasher() {
      const state = crypto().createHash(opensslName);
      return {
        update: (bytes) => void state.update(bytes),
        digest: () => toDigest(code, state.digest()),
      };
    },
  };
}

export const sha1 = fromNodeCrypto('sha1', 0x11, 20, 'sha1');
export const sha2_256 = fromNodeCrypto('sha2-256', 0x12, 32, 'sha256');
export const sha2_512 = fromNodeCrypto('sha2-512', 0x13, 64, 'sha512');
export const sha3_256 = fromNodeCrypto('sha3-256', 0x16, 32, 'sha3-256');
