import type { Format, FormatChoice } from '../types.ts';
import { extensionOf } from './extension.ts';
import { gitPack } from './git-pack.ts';
import { gzip } from './gzip.ts';
import { mbox } from './mbox.ts';
import { mp3 } from './mp3.ts';
import { mp4 } from './mp4.ts';
import { sqlite } from './sqlite.ts';
import { tar } from './tar.ts';
import { zip } from './zip.ts';

/** How much of a file's beginning is looked at to tell its format. */
export const HEAD_BYTES = 1024;

/** The formats (S5) whose scanners gain something, the surest marks first; docs/chunking.md has the figures. */
const gainful: readonly Format[] = [sqlite, zip, gzip, mp4, tar, mbox, mp3];

/** Every format with a scanner. */
export const formats: readonly Format[] = [...gainful, gitPack];

/** The format of a file of this name that begins with `head`, undefined when it is unknown or gains nothing by a scanner. */
export const defaultScanner: FormatChoice = choiceOf(gainful);

/** The same among all formats, also those that gain nothing. */
export const anyScanner: FormatChoice = choiceOf(formats);

/**
 * Chooses among `candidates`: the one that both name and content speak for, else by content, else by name. A format that suppresses all other boundaries needs the
 * word of the content.
 */
function choiceOf(candidates: readonly Format[]): FormatChoice {
  const byExtension = new Map(candidates.flatMap((format) => format.extensions.map((extension) => [extension, format] as const)));
  return (name, head) => {
    const named = name === undefined ? undefined : byExtension.get(extensionOf(name));
    if (named?.matches(head)) return named;
    return candidates.find((format) => format.matches(head)) ?? (named?.exclusive ? undefined : named);
  };
}
