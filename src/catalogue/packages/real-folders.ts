import { type ByteName, nameToBytes } from '../../base/names.ts';
import { linkTarget } from './link-target.ts';

/** As many links as Linux follows in one path (MAXSYMLINKS). */
const MAX_LINKS = 40;

/**
 * Where the paths of a package's list really are. dpkg still lists /bin/ls where /bin has become a symbolic link to /usr/bin, and so with
 * every link that stands in place of a folder. Links are followed below `root`, as a system installed there would; each folder is looked at
 * once.
 */
export class RealFolders {
  readonly #root: ByteName;
  readonly #known = new Map<string, string>([['', '']]);

  /** `root` is empty for this machine's own. */
  constructor(root: ByteName) {
    this.#root = root;
  }

  /** The path with the links in its folders resolved; its last name is taken as it is. */
  pathOf(path: ByteName): ByteName {
    const slash = path.lastIndexOf('/');
    return (this.#real(path.slice(0, slash), MAX_LINKS) + path.slice(slash)) as ByteName;
  }

  #real(folder: string, links: number): string {
    const known = this.#known.get(folder);
    if (known !== undefined) return known;
    const slash = folder.lastIndexOf('/');
    const parent = this.#real(folder.slice(0, Math.max(0, slash)), links);
    const place = `${parent}/${folder.slice(slash + 1)}`;
    const target = links > 0 ? linkTarget(nameToBytes((this.#root + place) as ByteName)) : undefined;
    const real = target === undefined ? place : this.#real(normal(target.startsWith('/') ? target : `${parent}/${target}`), links - 1);
    this.#known.set(folder, real);
    return real;
  }
}

/**
 * Without `.`, `..` and double slashes; the top is empty. `..` behind a link means the folder above the link, which no package relies on.
 */
function normal(path: string): string {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return names.map((name) => `/${name}`).join('');
}
