import type { DatabaseSync } from 'node:sqlite';
import type { Random } from '../random.ts';
import { NaiveWriter, placeIn } from './naive-writer.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e'];
const FIRST_NODES = 12;

/** What files of random histories hold. */
export function randomContent(random: Random): string {
  return `content ${random.below(1000)}`;
}

/** A history of so many random changes of a tree whose names are few, so that places are taken over and over. */
export function randomHistory(
  database: DatabaseSync,
  random: Random,
  changes: number,
  options: { readonly tellsEndsLate?: boolean } = {},
): NaiveWriter {
  const writer = new NaiveWriter(database, '/root');
  writer.tellsEndsLate = options.tellsEndsLate ?? false;
  writer.keepsAll = true;
  writer.record(() => {
    for (let i = 0; i < FIRST_NODES; i++) createSomewhere(writer, random);
  });
  writer.isFirstScan = false;
  for (let i = 0; i < changes; i++) writer.record(() => change(writer, random));
  return writer;
}

function change(writer: NaiveWriter, random: Random): void {
  const kind = random.below(10);
  const all = [...writer.nodes.values()].filter(({ id }) => id !== writer.root);
  if (all.length === 0 || kind < 4) return createSomewhere(writer, random);
  const node = random.pick(all);
  if (kind < 6 && node.state.kind === 'file') return writer.modify(node.id, randomContent(random));
  if (kind < 7) return writer.chmod(node.id, 0o600 + random.below(64));
  if (kind < 8 && all.length > FIRST_NODES) return writer.remove(node.id);
  const to = placeIn(someDirectory(writer, random), random.pick(NAMES));
  const taken = writer.at(to);
  const isImpossible = writer.isBelow(to.parent, node.id) || (taken !== undefined && writer.isBelow(node.id, taken.id));
  if (!isImpossible) writer.move(node.id, to);
}

function createSomewhere(writer: NaiveWriter, random: Random): void {
  const place = placeIn(someDirectory(writer, random), random.pick(NAMES));
  const taken = writer.at(place);
  if (taken !== undefined) return taken.state.kind === 'file' && !writer.isFirstScan ? writer.modify(taken.id, 'again') : undefined;
  if (random.chance(0.4)) writer.create(place, 'directory');
  else writer.create(place, 'file', randomContent(random));
}

function someDirectory(writer: NaiveWriter, random: Random): number {
  return random.pick([...writer.nodes.values()].filter(({ state }) => state.kind === 'directory')).id;
}
