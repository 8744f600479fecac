import type { ByteName } from '../../base/names.ts';
import { dpkgDatabase } from './dpkg.ts';
import { flatpakDatabase } from './flatpak.ts';
import { rpmDatabase } from './rpm.ts';
import type { PackageDatabase } from './types.ts';

/** The databases of every package manager that is known; most machines have one of them. `homes` are where Flatpak may have applications of users. */
export function packageDatabases(homes: readonly ByteName[]): readonly PackageDatabase[] {
  return [dpkgDatabase(), rpmDatabase(), flatpakDatabase(homes)];
}
