import fs from 'node:fs';
import { join } from 'node:path';
import mime from 'mime';
import { FormatError, hasErrno } from '../../base/errors.ts';
import { type ByteName, nameToBytes } from '../../base/names.ts';
import { MimeGlobs } from './mime-globs.ts';
import { MimeMagic } from './mime-magic.ts';

const SYSTEM_FOLDER = '/usr/share/mime';
const MAX_FILE_BYTES = 16 << 20;

/**
 * Types of files: by the system's Shared MIME-info Database, which every desktop goes by, knows beginnings of files and has a line for
 * people about each type; where there is none (macOS, small servers), by the table of the package `mime`, which knows endings of names
 * alone. Made once and kept: some MiB.
 */
export class MimeTypes {
  readonly #folder: string;
  readonly #globs: MimeGlobs | undefined;
  readonly #magic: MimeMagic | undefined;

  constructor(folder = SYSTEM_FOLDER) {
    this.#folder = folder;
    const globs = readIfThere(join(folder, 'globs2'));
    this.#globs = globs && new MimeGlobs(globs.toString('utf8'));
    this.#magic = magicOf(readIfThere(join(folder, 'magic')));
  }

  /** By the name alone, in about a microsecond; undefined where that does not tell. */
  typeOfName(name: ByteName): string | undefined {
    const text = nameToBytes(name).toString('utf8');
    if (!this.#globs) return mime.getType(text) ?? undefined;
    return this.#globs.typesOf(text)[0];
  }

  /**
   * By name and first bytes, as the specification recommends: the name where it is clear, then what the content says of it, then the
   * content alone.
   */
  typeOf(name: ByteName, head: Uint8Array): string | undefined {
    const types = this.#globs?.typesOf(nameToBytes(name).toString('utf8')) ?? [];
    if (types.length === 1) return types[0];
    if (types.length === 0 && !this.#globs) return this.typeOfName(name) ?? contentType(head);
    const byContent = this.#magic?.typeOf(head);
    if (types.length === 0) return byContent ?? contentType(head);
    return byContent !== undefined && types.includes(byContent) ? byContent : types[0];
  }

  /** The database's line for people: `JPEG image`. Undefined where it has none. */
  commentOf(type: string): string | undefined {
    if (!/^[a-z]+\/[\w.+-]+$/i.test(type)) return undefined;
    const xml = readIfThere(join(this.#folder, `${type}.xml`))?.toString('utf8');
    return xml === undefined ? undefined : /<comment>([^<]+)<\/comment>/.exec(xml)?.[1];
  }
}

/** Text or not: control characters other than those of text do not stand in it. */
function contentType(head: Uint8Array): string | undefined {
  if (head.length === 0) return undefined;
  return head.some((byte) => byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b)) ? 'application/octet-stream' : 'text/plain';
}

/** A database with damaged magic still has its names. */
function magicOf(bytes: Buffer | undefined): MimeMagic | undefined {
  try {
    return bytes && new MimeMagic(bytes);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return fs.statSync(file).size <= MAX_FILE_BYTES ? fs.readFileSync(file) : undefined;
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return undefined;
    throw error;
  }
}
