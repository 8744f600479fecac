import type { ByteName } from '../../base/names.ts';
import type { Digest } from '../../hash/types.ts';
import type { DirectoryHandle } from '../../sys/types.ts';

/** A file of a live tree whose content is to be known. */
export interface LiveFile {
  /** Its directory: open, and kept so by its owner until the answer is there; or by its path. That the right file was reached shows by the signature. */
  readonly directory: DirectoryHandle;
  readonly name: ByteName;
  /** SIGNATURE_BYTES, as `Stat.signature` writes them: the file is read only while it is as they say. */
  readonly signature: Uint8Array;
  /** Whether its content is to be kept in the store. */
  readonly keep: boolean;
}

/**
 * What was found out about a file.
 *
 * - `hashed`: the digest of its whole content, which belongs to the signature that was expected: the file had it before and after it was read.
 * - `changed`: it is not what was expected any more, or changed while it was read, or so shortly before that a further change might not show. It has to be looked at again, and
 *   asked for again when it is quiet.
 * - `vanished`: nothing has that name any more.
 * - `unreadable`: a system call failed, with this errno.
 */
export type FileAnswer =
  | { readonly kind: 'hashed'; readonly digest: Digest; readonly size: number; readonly ref: Uint8Array | undefined }
  | { readonly kind: 'changed' }
  | { readonly kind: 'vanished' }
  | { readonly kind: 'unreadable'; readonly code: string; readonly call: string };

/** A content that the store keeps: the digest of the whole, and how to get it (`decodeRef`). */
export interface KeptContent {
  readonly digest: Digest;
  readonly size: number;
  readonly ref: Uint8Array;
}
