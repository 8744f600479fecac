/** What was opened, if it is what is wanted; otherwise, and when the look at it fails, it is closed, and the result undefined. */
export function keptIf<Opened extends Disposable>(opened: Opened, isWanted: (opened: Opened) => boolean): Opened | undefined {
  let isKept = false;
  try {
    isKept = isWanted(opened);
  } finally {
    if (!isKept) opened[Symbol.dispose]();
  }
  return isKept ? opened : undefined;
}
