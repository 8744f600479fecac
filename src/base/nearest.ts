const MAX_SUGGESTIONS = 3;

/** Those of `known` that `wanted` may be a misspelling of, nearest first, three at most. */
export function nearestNames(wanted: string, known: Iterable<string>): string[] {
  const bound = Math.max(1, Math.floor(wanted.length / 3));
  const near: { name: string; distance: number }[] = [];
  for (const name of known) {
    const distance = name.startsWith(wanted) ? 0 : editDistance(wanted.toLowerCase(), name.toLowerCase());
    if (distance <= bound) near.push({ name, distance });
  }
  near.sort((a, b) => a.distance - b.distance);
  return near.slice(0, MAX_SUGGESTIONS).map(({ name }) => name);
}

/** How many insertions, deletions, replacements and swaps of neighbours lead from `a` to `b` (the optimal string alignment distance). */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(replaced, (previous[j] as number) + 1, (current[j - 1] as number) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, (beforePrevious[j - 2] as number) + 1);
      current.push(least);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] as number;
}
