import type { DatabaseSync } from 'node:sqlite';
import type { HistorySettings } from '../../base/config/types.ts';
import type { ByteName } from '../../base/names.ts';
import type { Ownership } from '../ownership/ownership.ts';
import type { PackageDatabase } from '../packages/types.ts';
import { NamesChore } from './names.ts';
import { PackagesChore } from './packages.ts';
import { RotationChore } from './rotation.ts';
import { Upkeep, type UpkeepOptions } from './upkeep.ts';

export interface CatalogueUpkeepOptions extends UpkeepOptions {
  readonly ownership: Ownership;
  readonly packages: readonly PackageDatabase[];
  readonly history: HistorySettings;
  /** All packages are known for the first time since the start. */
  readonly onPackagesKnown: () => void;
  /** Paths may have other owners. */
  readonly onOwners: () => void;
  /** Contents wait in the table `released`. */
  readonly onReleased: () => void;
  readonly onProblem: (problem: string) => void;
}

/** All upkeep of a catalogue: its packages, the index of names, and the rotation of its history. */
export class CatalogueUpkeep {
  readonly #names: NamesChore;
  readonly #packages: readonly PackagesChore[];
  readonly #upkeep: Upkeep;

  constructor(database: DatabaseSync, options: CatalogueUpkeepOptions) {
    const { ownership, history, onOwners, onPackagesKnown, onProblem, onReleased } = options;
    const events = {
      onChanged: () => {
        ownership.packagesChanged();
        onOwners();
      },
      onKnown: () => this.arePackagesKnown && onPackagesKnown(),
      onProblem,
    };
    this.#names = new NamesChore(database);
    this.#packages = options.packages.map((source) => new PackagesChore(database, source, events));
    const retentionOf = (path: ByteName) => ownership.retentionOf(path);
    const areOwnersKnown = () => ownership.areRulesKnown;
    const rotation = new RotationChore(database, { settings: history, retentionOf, areOwnersKnown, onReleased });
    // What is to be done with files depends on the packages; and what the other two do can wait.
    this.#upkeep = new Upkeep([...this.#packages, this.#names, rotation], options);
  }

  /** Until then it is not certain who owns a file. */
  get arePackagesKnown(): boolean {
    return this.#packages.every(({ isKnown }) => isKnown);
  }

  /** There may be other names. */
  namesChanged(): void {
    if (this.#names.changed()) this.#upkeep.goOn();
  }

  /** To be called when `mayWork` may have another answer. */
  goOn(): void {
    this.#upkeep.goOn();
  }

  close(): void {
    this.#upkeep.close();
  }
}
