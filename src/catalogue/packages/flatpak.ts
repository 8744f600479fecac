import fs from 'node:fs';
import { type ByteName, nameToBytes } from '../../base/names.ts';
import { fileStamp } from './file-stamp.ts';
import { ifReachable } from './if-reachable.ts';
import { linkTarget } from './link-target.ts';
import { readBounded, textOf } from './read-bounded.ts';
import type { InstalledPackage, PackageDatabase, PackagedPath } from './types.ts';

const SYSTEM_INSTALLATION = '/var/lib/flatpak' as ByteName;
const USER_INSTALLATION = '.local/share/flatpak';
const KINDS = ['app', 'runtime'] as const;
/** Where applications have their AppStream description, old and new. */
const METAINFO = ['metainfo/ID.metainfo.xml', 'metainfo/ID.appdata.xml', 'appdata/ID.metainfo.xml', 'appdata/ID.appdata.xml'];

/**
 * Applications and runtimes of Flatpak, those of the system and those in the homes of users. Each is a folder `app/ID/ARCHITECTURE/BRANCH`
 * (or `runtime/…`), in which `active` leads to what is deployed. What an application keeps for a user is in `~/.var/app/ID`.
 */
export function flatpakDatabase(homes: readonly ByteName[], system: ByteName = SYSTEM_INSTALLATION): PackageDatabase {
  const installations = [system, ...homes.map((home) => `${home}/${USER_INSTALLATION}` as ByteName)];
  return {
    manager: 'flatpak',
    stamp() {
      // Flatpak touches `.changed` behind whatever it does; the homes decide where data is.
      const stamps = installations.flatMap((folder) =>
        ['.changed', ...KINDS].map((name) => fileStamp(nameToBytes(`${folder}/${name}` as ByteName))),
      );
      const data = homes.map((home) => fileStamp(nameToBytes(`${home}/.var/app` as ByteName)));
      return stamps.some((stamp) => stamp !== '') ? [...stamps, ...data].join() : undefined;
    },
    *packages() {
      for (const installation of installations)
        for (const kind of KINDS) yield* packagesIn(`${installation}/${kind}` as ByteName, kind, homes);
    },
  };
}

function* packagesIn(folder: ByteName, kind: (typeof KINDS)[number], homes: readonly ByteName[]): Generator<InstalledPackage> {
  for (const id of namesIn(folder)) {
    const data = kind === 'app' ? homes.map((home) => `${home}/.var/app/${id}` as ByteName).filter(isThere) : [];
    for (const architecture of namesIn(`${folder}/${id}`))
      for (const branch of namesIn(`${folder}/${id}/${architecture}`)) {
        const place = `${folder}/${id}/${architecture}/${branch}` as ByteName;
        const commit = linkTarget(nameToBytes(`${place}/active` as ByteName));
        if (commit === undefined) continue;
        const paths: PackagedPath[] = [{ path: place, kind: 'folder' }, ...data.map((path): PackagedPath => ({ path, kind: 'data' }))];
        yield {
          key: textOf(place),
          stamp: [textOf(commit), ...data.map(textOf)].join(),
          read: () => ({ name: textOf(id), ...described(place, id, textOf(branch)), paths }),
        };
      }
  }
}

/** Version and one line about it, from its AppStream description; a runtime has none. */
function described(place: ByteName, id: ByteName, branch: string): { version: string; summary: string } {
  for (const candidate of METAINFO) {
    const file = `${place}/active/files/share/${candidate.replace('ID', () => id)}` as ByteName;
    const xml = ifReachable(() => readBounded(nameToBytes(file)));
    if (xml === undefined) continue;
    const version = /<release\s[^>]*\bversion="([^"<]{1,100})"/.exec(xml)?.[1] ?? branch;
    return { version: unescaped(version), summary: unescaped(/<summary>([^<]{1,1000})<\/summary>/.exec(xml)?.[1] ?? '') };
  }
  return { version: branch, summary: '' };
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(xml: string): string {
  return textOf(xml)
    .replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => ENTITIES[name] as string)
    .trim();
}

function isThere(path: ByteName): boolean {
  return fs.existsSync(nameToBytes(path));
}

/** The folders in a folder; links (`current`) are none. */
function namesIn(folder: string): ByteName[] {
  const entries = ifReachable(() => fs.readdirSync(nameToBytes(folder as ByteName), { encoding: 'latin1', withFileTypes: true })) ?? [];
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name as ByteName);
}
