import { FILES_A_DIRECTORY, makeEmptyTree } from '../corpora/empty-tree.ts';
import { Random } from '../corpora/random.ts';
import type { Corpus } from '../corpora/types.ts';

/** The most frequent kind has two extensions and the others one each. So the most frequent kind and the most frequent extension are in very many names, and never together in one. The numbers are the shares of each kind with those before it. */
const KINDS = [
  ['picture', ['png', 'jpg'], 0.28],
  ['backup', ['gz'], 0.46],
  ['invoice', ['pdf'], 0.64],
  ['letter', ['txt'], 0.82],
  ['record', ['mp3'], 1],
] as const;
const PLACES =
  'alder birch cedar dover elgin forth garth hazel inver jarow keith lewes moray nairn olive perth quill ruthe salem truro'.split(' ');
const SYLLABLES = 'ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu'.split(' ');
/** Words of four syllables of which some are frequent and most rare. */
const WORDS = 20_000;

/** So many empty files, nearly all with names of their own: a place, a kind, a word, two numbers and an extension. */
export function manyNames(count: number): Corpus {
  return {
    name: `names-${count}`,
    about: `${count.toLocaleString('en')} empty files with names made of words and numbers, ${FILES_A_DIRECTORY} in a directory`,
    make(folder) {
      const random = new Random(count);
      makeEmptyTree(folder, count, (file) => nameOf(file, random));
    },
  };
}

function nameOf(i: number, random: Random): string {
  const share = random.next();
  const [kind, extensions] = KINDS.find(([, , upTo]) => share < upTo) ?? KINDS[0];
  const extension = extensions[i % extensions.length];
  const place = PLACES[Math.floor(random.next() * PLACES.length)];
  // As likely between 10 and 100 as between 1000 and 10 000.
  const word = wordOf(Math.floor(WORDS ** random.next()));
  const day = String(Math.floor(random.next() * 100)).padStart(2, '0');
  return `${place}-${kind}-${word}-${day}-${String(i).padStart(6, '0')}.${extension}`;
}

function wordOf(number: number): string {
  let word = '';
  for (let rest = number * 7919 + 1, i = 0; i < 4; i++, rest = Math.floor(rest / SYLLABLES.length))
    word += SYLLABLES[rest % SYLLABLES.length];
  return word;
}
