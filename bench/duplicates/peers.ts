import { statSync } from 'node:fs';
import type { Command } from '../peers/types.ts';

/** One way of finding duplicates. */
export interface Finder {
  readonly name: string;
  readonly command: Command;
  /** The groups in what it printed; absent where it prints none. */
  groups?(stdout: string): string[][];
}

/** What others of this kind there are: each as it is recommended for a mere list. */
export function othersFor(tree: string): Finder[] {
  return [
    { name: 'jdupes', command: { argv: ['jdupes', '--recurse', '--quiet', tree] }, groups: paragraphs },
    { name: 'rdfind', command: { argv: ['rdfind', '-dryrun', 'true', '-makeresultsfile', 'false', tree] } },
    { name: 'fdupes', command: { argv: ['fdupes', '--recurse', '--quiet', '--noempty', tree] }, groups: paragraphs },
  ];
}

/** Varve without a catalogue, and with the one in `home`. */
export function varveFor(varve: string, tree: string, home: string): Finder[] {
  const groups = (stdout: string): string[][] =>
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line).paths);
  return [
    { name: 'varve dups --read', command: { argv: [varve, '--json', 'dups', '--read', tree], env: { VARVE_HOME: home } }, groups },
    { name: 'varve dups', command: { argv: [varve, '--json', 'dups'], env: { VARVE_HOME: home } }, groups },
  ];
}

function paragraphs(stdout: string): string[][] {
  return stdout
    .split('\n\n')
    .map((paragraph) => paragraph.split('\n').filter((line) => line !== ''))
    .filter(({ length }) => length > 0);
}

/** The first group of one that the other has not; undefined when both are the same. Of several links to a file each may name another, or all. */
export function firstOdd(ours: readonly (readonly string[])[], theirs: readonly (readonly string[])[]): string | undefined {
  const files = (paths: readonly string[]): string => [...new Set(paths.map((path) => statSync(path).ino))].sort().join();
  const [mine, others] = [ours, theirs].map((groups) => new Map(groups.map((paths) => [files(paths), paths])));
  const odd = [...(mine ?? [])].find(([each]) => !others?.has(each)) ?? [...(others ?? [])].find(([each]) => !mine?.has(each));
  return odd?.[1].slice(0, 3).join('\n');
}
