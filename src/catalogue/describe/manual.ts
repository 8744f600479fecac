import fs from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { hasErrno } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';

const FOLDERS = ['/usr/share/man', '/usr/local/share/man', '/usr/local/man'];
/** The longest pages (bash, ffmpeg-all) have some MiB; their names stand at the very beginning. */
const MAX_PAGE_BYTES = 8 << 20;
/** `.so` leads from one page to another; real ones do it once. */
const MAX_DETOURS = 3;
/** Which sections are about files in which folders (hier(7)). */
const SECTIONS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^\/(usr\/|usr\/local\/)?bin\/[^/]+$/, ['1', '8']],
  [/^\/(usr\/|usr\/local\/)?sbin\/[^/]+$/, ['8', '1']],
  [/^\/usr\/(local\/)?games\/[^/]+$/, ['6', '1']],
  [/^\/etc\//, ['5', '8']],
  [/^\/dev\/[^/]+$/, ['4']],
];

/**
 * What the manual says that a program, a file of settings or a device is: the line of its page's NAME section. Undefined where there is no
 * page.
 */
export function manualDescription(path: ByteName, folders: readonly string[] = FOLDERS): string | undefined {
  const name = Buffer.from(path.slice(path.lastIndexOf('/') + 1), 'latin1').toString('utf8');
  for (const section of SECTIONS.find(([places]) => places.test(path))?.[1] ?? [])
    for (const folder of folders) {
      const page = readPage(folder, `man${section}/${name}.${section}`, MAX_DETOURS);
      const line = page === undefined ? undefined : nameSection(page);
      if (line !== undefined) return line;
    }
  return undefined;
}

/** The line of the NAME section of a page in man(7) or mdoc(7): what stands behind the dash. */
export function nameSection(page: string): string | undefined {
  const [, mdoc] = /^\.Nd\s+(.+)$/m.exec(page) ?? [];
  if (mdoc !== undefined) return plain(mdoc);
  const [, section] = /^\.S[Hh]\s+"?NAME"?[^\n]*\n((?:(?!\.S[HhSs]\b)[^\n]*\n?){1,20})/im.exec(page) ?? [];
  if (section === undefined) return undefined;
  const text = plain(
    section
      .replace(/^(?:['.]\\"|['.](?:PP|P|LP|sp|nf|fi|ad|nh|hy|ie|if|el|TP|br|de|Nm|IX|PD|RS|RE|in|na|ne|ss|ta|ti)\b)[^\n]*$/gm, '')
      .replace(/^['.](?:BR?|IR?|RB|RI|BI|IB|SM|SB)\s+/gm, ''),
  );
  return / (?:-+|[–—]) (.+)$/.exec(text)?.[1];
}

/** Without the escapes of roff (groff_char(7)) that such lines have. */
function plain(roff: string): string {
  return roff
    .replace(/\\f(?:\[[^\]]*\]|\(..|.)/g, '')
    .replace(/\\s[+-]?\d/g, '')
    .replace(/\\\((?:em|en|hy|mi)|\\\[(?:em|en|hy|mi)\]/g, '-')
    .replace(/\\\(aq|\\\[aq\]|\\\(cq/g, "'")
    .replace(/\\([-.])/g, '$1')
    .replace(/\\[&|^,/:%]/g, '')
    .replace(/\\[ ~0]/g, ' ')
    .replace(/\\e/g, '\\')
    .replace(/\s+/g, ' ')
    .trim();
}

function readPage(folder: string, name: string, detours: number): string | undefined {
  const page = readEither(join(folder, name));
  const [, other] = /^\.so\s+"?([^\s"]+)/m.exec(page?.slice(0, 1000) ?? '') ?? [];
  if (other === undefined || detours === 0) return page;
  // It names a page below the same folder; anything else does not concern us.
  return /^man\w+\/[^/]+$/.test(other) ? readPage(folder, other, detours - 1) : undefined;
}

/** A page, compressed or not. One that is too long, or damaged, says nothing. */
function readEither(file: string): string | undefined {
  try {
    const packed = readSmall(`${file}.gz`);
    if (packed !== undefined) return gunzipSync(packed, { maxOutputLength: MAX_PAGE_BYTES }).toString('utf8');
    return readSmall(file)?.toString('utf8');
  } catch (error) {
    if (hasErrno(error, 'Z_DATA_ERROR', 'Z_BUF_ERROR', 'ERR_BUFFER_TOO_LARGE', 'EACCES', 'EISDIR')) return undefined;
    throw error;
  }
}

function readSmall(file: string): Buffer | undefined {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat?.isFile() && stat.size <= MAX_PAGE_BYTES ? fs.readFileSync(file) : undefined;
}
