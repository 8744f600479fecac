/** Something that was asked of the file system, in terms of what a power cut may leave of it. Files are numbers, folders and names relative to the top; the top itself is ''. */
export type Event =
  | { readonly type: 'write'; readonly file: number; readonly at: number; readonly bytes: Buffer }
  | { readonly type: 'truncate'; readonly file: number; readonly length: number }
  | { readonly type: 'sync'; readonly file: number }
  | { readonly type: 'syncFolder'; readonly folder: string }
  | { readonly type: 'makeFolder'; readonly path: string }
  /** Names of one folder that change at once: each then stands for a file, or for nothing. */
  | { readonly type: 'names'; readonly folder: string; readonly names: Readonly<Record<string, number | undefined>> }
  /** Not asked of the file system, but told to the user: from here on it has to hold. */
  | { readonly type: 'told'; readonly what: string };
