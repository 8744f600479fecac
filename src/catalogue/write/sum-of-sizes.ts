/** Sizes of files added up, exactly. Sparse files may say that there is more than the 8 EiB which a number of SQLite's holds: then sums go round, which what was added can be taken away from again. */
export function sumOfSizes(a: bigint, b: bigint): bigint {
  return BigInt.asIntN(64, a + b);
}
