import { type ByteName, showName } from '../base/names.ts';
import { refToText } from '../block/ref-text.ts';
import { digestToText } from '../hash/digest.ts';
import { sizeOf, type ViewEntry } from '../tree/view.ts';
import { isoTime } from './output/times.ts';

/** An entry with all that is known of it, for programs. Names are as `ls` shows them; times have nanoseconds. */
export function entryJson(entry: ViewEntry, path: ByteName): Record<string, unknown> {
  const { kind, mode, owner, mtime, content, target, device, xattrs, identity, summary, torn, mimeType, previous, ctime, btime } = entry;
  return {
    path: showPathIn(path),
    kind,
    mode: mode.toString(8).padStart(4, '0'),
    uid: owner.uid,
    gid: owner.gid,
    ...(owner.user !== undefined && { user: owner.user }),
    ...(owner.group !== undefined && { group: owner.group }),
    mtime: isoTime(mtime),
    ...(kind === 'file' && { size: sizeOf(entry) }),
    ...(summary && { files: summary.files, bytes: summary.bytes }),
    ...(content && { content: refToText(content) }),
    ...(target !== undefined && { target: showName(target) }),
    ...(device && { device }),
    ...(xattrs && { xattrs: xattrs.map(({ name, value }) => ({ name: showName(name), value: Buffer.from(value).toString('base64') })) }),
    ...(identity && { identity: Buffer.from(identity).toString('hex') }),
    ...(torn && { torn }),
    ...(mimeType !== undefined && { mimeType }),
    ...(previous && { previous: digestToText(previous) }),
    ...(ctime && { ctime: isoTime(ctime) }),
    ...(btime && { btime: isoTime(btime) }),
  };
}

/** A path inside a tree, as it may be given behind `:/`; the top is `.`. */
export function showPathIn(path: ByteName): string {
  return path === ''
    ? '.'
    : path
        .split('/')
        .map((name) => showName(name as ByteName))
        .join('/');
}

/** Names from the top as one path. */
export function joinNames(names: readonly ByteName[]): ByteName {
  return names.join('/') as ByteName;
}
