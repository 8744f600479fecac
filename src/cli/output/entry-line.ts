import { showName } from '../../base/names.ts';
import type { EntryKind } from '../../tree/types.ts';
import { sizeOf, type ViewEntry } from '../../tree/view.ts';
import type { Colour, Paint } from './colours.ts';
import { pad } from './table.ts';
import { formatTime } from './times.ts';

const KIND_LETTERS: Readonly<Record<EntryKind, string>> = {
  file: '-',
  directory: 'd',
  symlink: 'l',
  fifo: 'p',
  socket: 's',
  character: 'c',
  block: 'b',
  hardlink: 'h',
  whiteout: 'w',
};

/** Kind and permissions in ten characters, as `ls -l` writes them: `drwxr-xr-t`. */
export function modeText(kind: EntryKind, mode: number): string {
  const letters = Array.from('rwxrwxrwx', (letter, i) => (mode & (0o400 >> i) ? letter : '-'));
  const special = (bit: number, at: number, lower: string) => {
    if (mode & bit) letters[at] = letters[at] === 'x' ? lower : lower.toUpperCase();
  };
  special(0o4000, 2, 's');
  special(0o2000, 5, 's');
  special(0o1000, 8, 't');
  return KIND_LETTERS[kind] + letters.join('');
}

/** Writes long lines whose columns stay as wide as the widest value so far, so that a listing need not be gathered first. */
export class EntryLines {
  readonly #paint: Paint;
  #userWidth = 4;
  #groupWidth = 4;
  #sizeWidth = 8;

  constructor(paint: Paint) {
    this.#paint = paint;
  }

  /** Mode, owner, group, size (or device number), local time, and the name, with the target of a link. */
  line(entry: ViewEntry, shownName: string): string {
    const { kind, mode, owner, mtime, xattrs } = entry;
    const user = owner.user ?? String(owner.uid);
    const group = owner.group ?? String(owner.gid);
    const size = sizeText(entry);
    this.#userWidth = Math.max(this.#userWidth, user.length);
    this.#groupWidth = Math.max(this.#groupWidth, group.length);
    this.#sizeWidth = Math.max(this.#sizeWidth, size.length);
    return [
      `${modeText(kind, mode)}${xattrs ? '+' : ' '}`,
      pad(user, this.#userWidth, 'left'),
      pad(group, this.#groupWidth, 'left'),
      pad(size, this.#sizeWidth, 'right'),
      formatTime(mtime, 'minute'),
      this.name(entry, shownName) + (entry.target === undefined ? '' : ` -> ${showName(entry.target)}`),
    ].join(' ');
  }

  /** The name alone, in the colour of its kind. */
  name(entry: ViewEntry, shownName: string): string {
    const colour = colourOf(entry);
    return colour ? this.#paint(colour, shownName) : shownName;
  }
}

function sizeText(entry: ViewEntry): string {
  if (entry.device) return `${entry.device.major}, ${entry.device.minor}`;
  if (entry.kind === 'symlink') return String(entry.target?.length ?? 0);
  return entry.kind === 'directory' ? String(entry.summary?.bytes ?? '-') : String(sizeOf(entry));
}

function colourOf({ kind, mode }: ViewEntry): Colour | undefined {
  if (kind === 'directory') return 'blue';
  if (kind === 'symlink') return 'cyan';
  if (kind !== 'file') return 'yellow';
  return mode & 0o111 ? 'green' : undefined;
}
