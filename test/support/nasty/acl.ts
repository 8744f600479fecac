/** Permissions are bits: 4 read, 2 write, 1 execute. */
export interface Acl {
  readonly owner: number;
  readonly users: readonly (readonly [uid: number, permissions: number])[];
  readonly group: number;
  readonly groups: readonly (readonly [gid: number, permissions: number])[];
  readonly mask: number;
  readonly other: number;
}

/** Of include/uapi/linux/posix_acl.h and posix_acl_xattr.h. */
const VERSION = 2;
const TAGS = { owner: 0x01, user: 0x02, group: 0x04, namedGroup: 0x08, mask: 0x10, other: 0x20 };
const NO_ID = 0xffffffff;

/** An access control list as the value of `system.posix_acl_access` or `system.posix_acl_default`. */
export function encodeAcl({ owner, users, group, groups, mask, other }: Acl): Buffer {
  const entries: (readonly [tag: number, permissions: number, id: number])[] = [
    [TAGS.owner, owner, NO_ID],
    ...users.map(([uid, permissions]) => [TAGS.user, permissions, uid] as const),
    [TAGS.group, group, NO_ID],
    ...groups.map(([gid, permissions]) => [TAGS.namedGroup, permissions, gid] as const),
    [TAGS.mask, mask, NO_ID],
    [TAGS.other, other, NO_ID],
  ];
  const bytes = Buffer.alloc(4 + entries.length * 8);
  bytes.writeUInt32LE(VERSION, 0);
  for (const [index, [tag, permissions, id]] of entries.entries()) {
    bytes.writeUInt16LE(tag, 4 + index * 8);
    bytes.writeUInt16LE(permissions, 6 + index * 8);
    bytes.writeUInt32LE(id, 8 + index * 8);
  }
  return bytes;
}
