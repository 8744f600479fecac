import type { ByteName } from '../base/names.ts';
import type { Mount } from '../sys/mounts.ts';
import { isBelow } from './look/paths.ts';

/** A folder that could be watched. */
export interface RootSuggestion {
  readonly path: ByteName;
  readonly why: 'home' | 'file system' | 'network';
  /** The file system that is mounted there; of a home none. */
  readonly mount?: Mount;
}

export interface SuggestionContext {
  readonly mounts: readonly Mount[];
  /** Of all users, without symbolic links. */
  readonly homes: readonly ByteName[];
  /** What is watched already. */
  readonly roots: readonly ByteName[];
}

/** File systems that keep files on a disk of this machine. An overlay is what containers have for one. */
const LOCAL =
  /^(ext[234]|xfs|btrfs|zfs|f2fs|jfs|nilfs2|reiserfs|bcachefs|ocfs2|gfs2|vfat|exfat|ntfs3?|fuseblk|hfsplus|apfs|ufs|overlay|virtiofs|fuse\.mergerfs)$/;
/** What other machines do there, no kernel tells: only scans find it. */
const NETWORK = /^(nfs4?|cifs|smb3|9p|ceph|glusterfs|afs|fuse\.(sshfs|rclone|s3fs|davfs))$/;
/** Machinery: containers and snaps, what boots the machine, what is mounted for a while. */
const MACHINERY =
  /^\/(boot|dev|proc|run(?!\/media)|sys|snap|tmp|var\/(lib\/(docker|containers|containerd|kubelet|snapd|flatpak|lxc|machines)|snap|tmp))(\/|$)/;

/** Homes and file systems that somebody may want watched and nobody has yet, each file system once. A pure function. */
export function suggestRoots({ mounts, homes, roots }: SuggestionContext): RootSuggestion[] {
  const suggestions: RootSuggestion[] = homes.map((path) => ({ path, why: 'home' }));
  const seen = new Set<string>();
  for (const mount of topmost(mounts)) {
    const { path, type, device, isReadOnly } = mount;
    const why = LOCAL.test(type) ? 'file system' : NETWORK.test(type) ? 'network' : undefined;
    if (why === undefined || isReadOnly || MACHINERY.test(path) || (type === 'overlay' && path !== '/') || seen.has(device)) continue;
    seen.add(device);
    suggestions.push({ path, why, mount });
  }
  const known = new Set<ByteName>();
  return suggestions.filter(({ path }) => !known.has(path) && known.add(path) && !roots.some((root) => isBelow(path, root)));
}

/** Of each path what was mounted last, which hides the others; those that show a file system from its top before those that show a part. */
function topmost(mounts: readonly Mount[]): Mount[] {
  const visible = [...new Map(mounts.map((mount) => [mount.path, mount])).values()];
  return visible.sort((a, b) => a.top.length - b.top.length || a.path.length - b.path.length || (a.path < b.path ? -1 : 1));
}
