import type { ByteName } from '../../../src/base/names.ts';
import type { Directory } from '../../../src/sys/types.ts';
import { encodeAcl } from './acl.ts';
import type { NastyContext } from './context.ts';
import { attempt, makeFile, makeFolder, noise, text } from './make.ts';

/** CAP_NET_BIND_SERVICE, permitted and effective, as version 2 of `struct vfs_cap_data` (include/uapi/linux/capability.h). */
const BIND_CAPABILITY = Buffer.from('0100000200040000000000000000000000000000', 'hex');

/** Extended attributes of every namespace and of awkward names and values; ACLs; capabilities. */
export function makeAttributes(directory: Directory, context: NastyContext): void {
  makeFile(directory, 'file', 'with attributes');
  makeFolder(directory, 'folder').close();
  directory.symlink(text('file'), text('link'));
  attempt(context, 'user attributes', () => {
    for (const name of [text('file'), text('folder')]) setUserAttributes(directory, name);
  });
  attempt(context, 'trusted attributes', () => {
    for (const name of ['file', 'folder', 'link']) directory.setXattr(text(name), text('trusted.varve'), Buffer.from(`of the ${name}`));
  });
  attempt(context, 'capabilities', () => {
    makeFile(directory, 'capable', 'program');
    directory.setMode(text('capable'), 0o4755);
    directory.setXattr(text('capable'), text('security.capability'), BIND_CAPABILITY);
  });
  attempt(context, 'access control lists', () => makeAcls(directory));
}

function setUserAttributes(directory: Directory, name: ByteName): void {
  const values: Record<string, Uint8Array> = {
    'user.empty': Buffer.alloc(0),
    'user.text': Buffer.from('grün'),
    'user.zeros': Buffer.alloc(100),
    'user.noise': noise(2000, 9),
    'user.with space and\nline': Buffer.from('1'),
    'user.\xff\xfe': Buffer.from('a name that is no UTF-8'),
    [`user.${'n'.repeat(250)}`]: Buffer.from('the longest name'),
  };
  for (const [attribute, value] of Object.entries(values)) directory.setXattr(name, attribute as ByteName, value);
}

function makeAcls(directory: Directory): void {
  const acl = encodeAcl({
    owner: 7,
    users: [
      [1234, 6],
      [3_000_000_000, 0],
    ],
    group: 5,
    groups: [[4321, 4]],
    mask: 6,
    other: 0,
  });
  makeFile(directory, 'shared', 'by a list');
  directory.setXattr(text('shared'), text('system.posix_acl_access'), acl);
  using folder = makeFolder(directory, 'shared-folder');
  directory.setXattr(text('shared-folder'), text('system.posix_acl_access'), acl);
  directory.setXattr(text('shared-folder'), text('system.posix_acl_default'), acl);
  // Inherits the list, and its mode is cut by it.
  folder.makeDirectory(text('heir'));
  makeFile(folder, 'heir-file', 'inherited');
}
