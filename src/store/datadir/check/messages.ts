/** What a checking thread is started with. */
export interface CheckWorkerData {
  readonly hash: string;
}

/** Records of one segment to be read and checked whole. */
export interface CheckRequest {
  /** The names that the segment may have by now. */
  readonly paths: readonly string[];
  /** Offset and length of each record. */
  readonly records: readonly { readonly offset: number; readonly bytes: number }[];
}

export interface CheckReply {
  readonly damages: readonly RecordDamage[];
  /** Bytes of blocks that were checked. */
  readonly rawBytes: number;
}

/** `hashes`: the bare hashes of the blocks that cannot be had from this record, one after another. */
export interface RecordDamage {
  readonly offset: number;
  readonly problem: string;
  readonly hashes: Uint8Array;
}
