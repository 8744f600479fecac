const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Bytes for people, in three digits or so: `512 B`, `1.5 KiB`, `23.4 MiB`, `117 GiB`. */
export function formatSize(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (unit < UNITS.length - 1 && Number(amount.toFixed(amount < 100 ? 1 : 0)) >= 1024) {
    amount /= 1024;
    unit++;
  }
  return `${unit === 0 || amount >= 99.95 ? amount.toFixed(0) : amount.toFixed(1)} ${UNITS[unit]}`;
}

/** By how many bytes something has grown: `+1.5 KiB`, `-512 B`, `0 B`. */
export function formatChange(bytes: number): string {
  const sign = bytes === 0 ? '' : bytes < 0 ? '-' : '+';
  return `${sign}${formatSize(Math.abs(bytes))}`;
}

/** A count with its digits in groups: `1,234,567`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 file`, `2 files`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A part of a whole: `12.3%`; an empty whole has no parts. */
export function formatPart(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((part / whole) * 100).toFixed(1)}%`;
}

/** How long something took or will take: `0.42 s`, `12.3 s`, `4 min 05 s`, `2 h 07 min`. */
export function formatDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${twoDigits(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

export function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
