/** What transfers in progress, and editors' backups, append to a name. */
const TEMPORARY_ENDINGS = /(?:~|\.(?:part|partial|crdownload|download|filepart|opdownload|tmp|temp|bak|orig|!ut|!qb|aria2))$/i;

/** rsync's temporary names: `.name.ext.a1B2c3`. */
const RSYNC_NAME = /^\.(.+)\.[a-z0-9]{6}$/i;

/**
 * The extension of a file's name, in lower case and without the dot, seen through the names that unfinished transfers and backups have; empty when there is none.
 */
export function extensionOf(name: string): string {
  const whole = name.replace(TEMPORARY_ENDINGS, '');
  const inner = RSYNC_NAME.exec(whole)?.[1];
  // Without a dot inside, `.name.abcdef` is a hidden file with an extension of six letters.
  const stem = inner?.includes('.') ? inner : whole;
  const dot = stem.lastIndexOf('.');
  return dot <= 0 ? '' : stem.slice(dot + 1).toLowerCase();
}
