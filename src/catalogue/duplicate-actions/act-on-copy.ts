import { type ByteName, showName } from '../../base/names.ts';
import { system } from '../../sys/system.ts';
import { OpenFile } from './open-file.ts';
import { hasSameContent } from './same-content.ts';
import { linkCopy, reflinkCopy } from './share.ts';
import { type ActionOptions, type ActionOutcome, type CopyAction, CopyRefusedError } from './types.ts';
import { moveToTrash } from './xdg-trash.ts';

/**
 * Does with `copy` what `action` says, `kept` being a file of the same content that stays. Whatever was known of them before, both are opened and compared byte by byte, and
 * nothing is done when either is changed meanwhile. Absolute paths. Throws CopyRefusedError or SystemError; everything is as it was then.
 */
export async function actOnCopy(action: CopyAction, kept: ByteName, copy: ByteName, options: ActionOptions = {}): Promise<ActionOutcome> {
  using keptFile = new OpenFile(kept);
  using copyFile = new OpenFile(copy);
  refuseUnfit(action, keptFile, copyFile, options);
  if (!(await hasSameContent(keptFile.fd, copyFile.fd, keptFile.stat.size, options.signal)))
    throw new CopyRefusedError('NOT_ALIKE', `${showName(copy)} has not the content of ${showName(kept)}`);
  keptFile.mustBeUnchanged();
  if (action === 'trash') return { trashed: moveToTrash(copyFile, () => keptFile.mustBeUnchanged()) };
  if (action === 'link') linkCopy(keptFile, copyFile);
  else reflinkCopy(keptFile, copyFile);
  return {};
}

/** Throws what `actOnCopy` would throw without reading or writing anything. What only the file system knows, it says when it is asked. */
export function checkCopy(action: CopyAction, kept: ByteName, copy: ByteName, options: ActionOptions = {}): void {
  using keptFile = new OpenFile(kept);
  using copyFile = new OpenFile(copy);
  refuseUnfit(action, keptFile, copyFile, options);
}

function refuseUnfit(action: CopyAction, kept: OpenFile, copy: OpenFile, { ignoreMetadata = false }: ActionOptions): void {
  const [keptName, copyName] = [showName(kept.path), showName(copy.path)];
  if (kept.stat.sameFile(copy.stat)) throw new CopyRefusedError('SAME_FILE', `${copyName} and ${keptName} are one file already`);
  if (kept.stat.size !== copy.stat.size) throw new CopyRefusedError('NOT_ALIKE', `${copyName} has another size than ${keptName}`);
  if (copy.stat.nlink > 1)
    throw new CopyRefusedError('HAS_LINKS', `${copyName} has further names, which would keep its space`, 'Remove or link those first.');
  if (action !== 'link') return;
  if (kept.stat.dev !== copy.stat.dev)
    throw new CopyRefusedError(
      'OTHER_FILE_SYSTEM',
      `${copyName} is on another file system than ${keptName}`,
      'Only files of one file system can be linked.',
    );
  const difference = ignoreMetadata ? undefined : metadataDifference(kept, copy);
  if (difference !== undefined)
    throw new CopyRefusedError(
      'OTHER_METADATA',
      `${copyName} has another ${difference} than ${keptName}`,
      `With --ignore-metadata it gets that of ${keptName}; --reflink lets it keep its own.`,
    );
}

/** What both would have in common as one file; undefined when that is the same already. Times do not count. */
function metadataDifference({ fd: a, stat: left }: OpenFile, { fd: b, stat: right }: OpenFile): string | undefined {
  if (left.uid !== right.uid) return 'owner';
  if (left.gid !== right.gid) return 'group';
  if (left.mode !== right.mode) return 'mode';
  const names = system().listFileXattrs(a);
  const isSame =
    names.join('/') === system().listFileXattrs(b).join('/') &&
    names.every((name) => Buffer.compare(xattrOf(a, name), xattrOf(b, name)) === 0);
  return isSame ? undefined : 'extended attribute';
}

function xattrOf(fd: number, name: ByteName): Uint8Array {
  return system().getFileXattr(fd, name) ?? new Uint8Array();
}
