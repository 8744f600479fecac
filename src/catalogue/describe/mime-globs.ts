import picomatch from 'picomatch';

interface Glob {
  readonly weight: number;
  readonly type: string;
  readonly length: number;
}

const MAX_LINES = 100_000;

/**
 * What names tell of the types of files: the `globs2` file of the Shared MIME-info Database, lines of weight, type, glob and perhaps `cs`
 * (case counts). Nearly all globs are endings, which are looked up.
 */
export class MimeGlobs {
  readonly #names = new Map<string, Glob[]>();
  readonly #endings = new Map<string, Glob[]>();
  readonly #others: (Glob & { readonly matches: (name: string) => boolean })[] = [];

  constructor(globs2: string) {
    for (const line of globs2.split('\n', MAX_LINES)) {
      const [weight, type, glob, flags = ''] = line.split(':');
      if (type === undefined || glob === undefined || line.startsWith('#')) continue;
      this.#add({ weight: Number(weight), type, length: glob.length }, glob, flags.split(',').includes('cs'));
    }
  }

  /**
   * The types of those globs that fit best, by weight and then length: one where the name is clear, several where only the content can
   * tell.
   */
  typesOf(name: string): string[] {
    const lower = name.toLowerCase();
    const found = [...(this.#names.get(name) ?? []), ...(this.#names.get(`i:${lower}`) ?? [])];
    for (let dot = lower.indexOf('.'); dot >= 0; dot = lower.indexOf('.', dot + 1))
      found.push(...(this.#endings.get(`c:${name.slice(dot)}`) ?? []), ...(this.#endings.get(lower.slice(dot)) ?? []));
    for (const glob of this.#others) if (glob.matches(name)) found.push(glob);
    if (found.length === 0) return [];
    const best = found.reduce((a, b) => Math.max(a, b.weight), 0);
    const heaviest = found.filter(({ weight }) => weight === best);
    const longest = heaviest.reduce((a, b) => Math.max(a, b.length), 0);
    return [...new Set(heaviest.filter(({ length }) => length === longest).map(({ type }) => type))];
  }

  #add(glob: Glob, text: string, caseCounts: boolean): void {
    const isPlain = (part: string) => !/[*?[\]{}]/.test(part);
    if (isPlain(text)) push(this.#names, caseCounts ? text : `i:${text.toLowerCase()}`, glob);
    else if (text.startsWith('*.') && isPlain(text.slice(1)))
      push(this.#endings, caseCounts ? `c:${text.slice(1)}` : text.slice(1).toLowerCase(), glob);
    else {
      const regex = picomatch.makeRe(text, { dot: true, nocase: !caseCounts, nobrace: true, noextglob: true });
      this.#others.push({ ...glob, matches: (name) => regex.test(name) });
    }
  }
}

function push(into: Map<string, Glob[]>, key: string, glob: Glob): void {
  const found = into.get(key);
  if (found) found.push(glob);
  else into.set(key, [glob]);
}
