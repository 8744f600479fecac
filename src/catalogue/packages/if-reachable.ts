/**
 * What `look` finds; undefined where the system does not let it. What cannot be looked at (it is in a folder of somebody else, behind a loop of links or on a file system
 * that is away) counts as not there, also where `throwIfNoEntry` is not enough.
 */
export function ifReachable<Value>(look: () => Value): Value | undefined {
  try {
    return look();
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).syscall === 'string') return undefined;
    throw error;
  }
}
