/** A row of results: for each peer a value, absent where it did not take part. */
export interface Row {
  readonly name: string;
  /** What the values are: `ms`, `bytes`. */
  readonly unit: 'ms' | 'bytes';
  readonly values: Readonly<Record<string, number>>;
}

export interface Table {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** One table in Markdown: a column for each peer, then how many times the best of the others Varve is. */
export function markdown(table: Table, peers: readonly string[]): string {
  const lines = [['', ...peers, 'varve is'], peers.map(() => '---:')].map((cells, i) => (i === 0 ? cells : ['---', ...cells, '---:']));
  for (const row of table.rows) lines.push([row.name, ...peers.map((peer) => shown(row, peer)), advantage(row)]);
  return [`### ${table.title}`, '', ...lines.map((cells) => `| ${cells.join(' | ')} |`), ''].join('\n');
}

/** How many times quicker or smaller than the best of its peers Varve is; nothing where there is no one to compare with. Varve at other settings (`varve …`) is no peer. */
function advantage(row: Row): string {
  const { varve, ...others } = row.values;
  const best = Math.min(...Object.entries(others).flatMap(([name, value]) => (name.startsWith('varve') ? [] : [value])));
  if (varve === undefined || !Number.isFinite(best)) return '';
  return row.unit === 'ms' ? `${(best / varve).toFixed(2)} × as fast` : `${(varve / best).toFixed(2)} × as large`;
}

function shown(row: Row, peer: string): string {
  const value = row.values[peer];
  if (value === undefined) return '–';
  return row.unit === 'ms' ? seconds(value) : `${(value / 2 ** 20).toFixed(1)} MiB`;
}

function seconds(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
