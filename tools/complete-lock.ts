/**
 * Completes `package-lock.json` with the packages of every platform. npm leaves out optional packages that it cannot see at the moment of
 * writing (another platform's, when `node_modules` is there already or a mirror lacks them: github.com/npm/cli/issues/4828), and `npm ci`
 * then refuses the file. Run it after `npm install` has changed the file; a test fails when it is due.
 *
 * Their platform is read from their names, which all follow Node's words for platforms; an integrity that npm did not write stays absent.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface AddedPackage {
  readonly version: string;
  readonly cpu?: readonly string[];
  readonly dev?: true;
  readonly libc?: readonly string[];
  readonly optional: true;
  readonly os?: readonly string[];
}

interface Lock {
  readonly packages: Record<string, LockedPackage>;
}

const FILE = fileURLToPath(new URL('../package-lock.json', import.meta.url));
const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];
const OTHER_WORDS: Readonly<Record<string, string>> = {
  armv7l: 'arm',
  loongarch64: 'loong64',
  ppc64le: 'ppc64',
  win: 'win32',
  wasm32: 'wasm32',
};

/** The optional packages that `lock` depends on and does not hold, by their place in `node_modules`. */
export function missingPackages(lock: Lock): Map<string, AddedPackage> {
  const missing = new Map<string, AddedPackage>();
  for (const locked of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(locked.optionalDependencies ?? {})) {
      const place = `node_modules/${name}`;
      if (place in lock.packages || missing.has(place) || !/^\d/.test(version)) continue;
      const { cpu, libc, os } = platformOf(name);
      missing.set(place, { version, ...cpu, ...(locked.dev ? { dev: true } : {}), ...libc, optional: true, ...os });
    }
  }
  return missing;
}

/** Each property in an object of its own, absent where the name does not tell, so that they can be written in npm's order. */
function platformOf(name: string): { [Property in 'os' | 'cpu' | 'libc']: Partial<Pick<AddedPackage, Property>> } {
  const words = name.split(/[/-]/).map((word) => OTHER_WORDS[word] ?? word);
  const os = words.filter((word) => SYSTEMS.includes(word));
  const cpu = words.flatMap((word) =>
    PROCESSORS.includes(word) || word === 'wasm32' ? [word] : word === 'gnueabihf' || word === 'musleabihf' ? ['arm'] : [],
  );
  const libc = words.some((word) => word.startsWith('musl')) ? ['musl'] : words.includes('gnu') ? ['glibc'] : [];
  return { os: os.length ? { os } : {}, cpu: cpu.length ? { cpu: [...new Set(cpu)] } : {}, libc: libc.length ? { libc } : {} };
}

if (import.meta.main) {
  const lock = JSON.parse(readFileSync(FILE, 'utf8')) as Lock;
  const missing = missingPackages(lock);
  const packages = Object.fromEntries(
    Object.entries({ ...lock.packages, ...Object.fromEntries(missing) }).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  writeFileSync(FILE, `${JSON.stringify({ ...lock, packages }, null, 2)}\n`);
  console.log(missing.size === 0 ? 'The lock file is complete.' : `Added ${missing.size}: ${[...missing.keys()].join(' ')}`);
}
