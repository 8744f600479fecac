import { libc } from '../posix/libc.ts';
import type { Directory } from '../types.ts';

/** `f_type` of statfs(2), by include/uapi/linux/magic.h. */
const MAGIC = new Set([
  0x9fa0, // proc
  0x62656572, // sysfs
  0x1cd1, // devpts
  0x27e0eb, // cgroup
  0x63677270, // cgroup2
  0x64626720, // debugfs
  0x74726163, // tracefs
  0x73636673, // securityfs
  0xcafe4a11, // bpf
  0x6165676c, // pstore
  0xde5e81e4, // efivarfs
  0x62656570, // configfs
  0x65735543, // fusectl
  0x19800202, // mqueue
  0x67596969, // rpc_pipefs
  0x6e736673, // nsfs
  0x42494e4d, // binfmt_misc
  0xf97cff8c, // selinux
]);

/** `struct statfs` is 120 bytes on 64-bit systems. */
const statfs = Buffer.alloc(256);

/** See `System.isPseudoFileSystem`. What cannot be asked counts as real. */
export function isPseudoFileSystem(directory: Directory): boolean {
  return libc.fstatfs(directory.handle as number, statfs) === 0 && MAGIC.has(statfs.readUInt32LE(0));
}
