/** A package as `/var/lib/dpkg/status` describes it (deb-control(5)); strings are of bytes. */
export interface StatusEntry {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  readonly summary: string;
  /** Paths of settings that people edit. */
  readonly configuration: ReadonlySet<string>;
  /** The whole paragraph. */
  readonly text: string;
}

/** A file that all packages but `by` have elsewhere. */
export interface Diversion {
  readonly to: string;
  /** `:` for one that the administrator made, which holds for all packages. */
  readonly by: string;
}

/** Packages of which nothing is there; those removed but for their settings still own these. */
const ABSENT = / not-installed$/;

/** The installed packages of a status file, lazily. Paragraphs without a name or a status are none. */
export function* parseStatus(status: string): Generator<StatusEntry> {
  for (let from = 0; from < status.length; ) {
    const end = status.indexOf('\n\n', from);
    const text = status.slice(from, end < 0 ? status.length : end);
    from = end < 0 ? status.length : end + 2;
    const name = field(text, 'Package');
    const state = field(text, 'Status');
    if (name === '' || state === '' || ABSENT.test(state)) continue;
    yield {
      name,
      architecture: field(text, 'Architecture'),
      version: field(text, 'Version'),
      summary: field(text, 'Description'),
      configuration: new Set(
        continuation(text, 'Conffiles').map((line) => line.trimStart().replace(/ [0-9a-z]+( obsolete| remove-on-upgrade)*$/, '')),
      ),
      text,
    };
  }
}

/** The diversions file: three lines each, where a file belongs, where it is instead, and who has diverted it. */
export function parseDiversions(text: string): Map<string, Diversion> {
  const lines = text.split('\n');
  const diversions = new Map<string, Diversion>();
  for (let i = 0; i + 2 < lines.length; i += 3)
    diversions.set(lines[i] as string, { to: lines[i + 1] as string, by: lines[i + 2] as string });
  return diversions;
}

/** The first line of a field; empty where there is none. */
function field(text: string, name: string): string {
  const start = text.startsWith(`${name}: `) ? 0 : text.indexOf(`\n${name}: `) + 1;
  if (start === 0 && !text.startsWith(`${name}: `)) return '';
  const end = text.indexOf('\n', start);
  return text.slice(start + name.length + 2, end < 0 ? text.length : end).trim();
}

/** The lines that follow that of a field, each of which begins with a space. */
function continuation(text: string, name: string): string[] {
  const start = text.indexOf(`\n${name}:`);
  if (start < 0) return [];
  const lines = text
    .slice(start + 1)
    .split('\n')
    .slice(1);
  const end = lines.findIndex((line) => !line.startsWith(' '));
  return end < 0 ? lines : lines.slice(0, end);
}
