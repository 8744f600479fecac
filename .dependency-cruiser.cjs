/** The layers of ARCHITECTURE.md as rules: a folder of src/ imports only from folders before it in this list. */
const LAYERS = [
  { folder: 'base', because: 'it is what everything stands on, and knows nothing else of ours' },
  { folder: 'sys', because: 'it hides the platform, and knows neither hashes nor stores', notAside: ['hash', 'chunk'] },
  { folder: 'monitor', because: 'it tells how any tree changes, and knows neither hashes nor a catalogue' },
  { folder: 'hash', because: 'it names bytes, and knows neither files nor boundaries', notAside: ['sys', 'monitor', 'chunk'] },
  { folder: 'chunk', because: 'it finds boundaries, and knows neither hashes nor stores', notAside: ['sys', 'monitor', 'hash'] },
  { folder: 'block', because: 'refs and block trees do not know where blocks are kept' },
  { folder: 'store', because: 'stores keep blocks, and know neither files nor directories' },
  { folder: 'tree', because: 'trees know nothing of the catalogue: what it knows is handed to them through a narrow interface' },
  { folder: 'catalogue', because: 'the catalogue knows no network' },
  { folder: 'protocol', because: 'messages do not know who answers them' },
  { folder: 'sync', because: 'synchronisation knows no web pages' },
  { folder: 'mount', because: 'the file system layer knows no network' },
  { folder: 'serve', because: 'servers know no terminal' },
  { folder: 'daemon', because: 'the daemon knows no terminal' },
  { folder: 'cli', because: 'the command line stands on top' },
];

/** What must not be imported beside the order of the list. */
const MAY_NOT_KNOW = [
  { from: 'catalogue', to: ['protocol', 'sync', 'serve'], because: 'the catalogue knows no network' },
  { from: 'mount', to: ['protocol', 'sync', 'serve'], because: 'the file system layer knows no network' },
];

const folders = (names) => `^src/(${names.join('|')})/`;

const layerRules = LAYERS.slice(0, -1).map(({ folder, because, notAside = [] }, at) => ({
  name: `${folder}-knows-only-what-is-below`,
  comment: `src/${folder} must not import this: ${because}.`,
  severity: 'error',
  from: { path: folders([folder]) },
  to: { path: folders([...new Set([...LAYERS.slice(at + 1).map((layer) => layer.folder), ...notAside])]) },
}));

const extraRules = MAY_NOT_KNOW.map(({ from, to, because }) => ({
  name: `${from}-may-not-know`,
  comment: `src/${from} must not import this: ${because}.`,
  severity: 'error',
  from: { path: folders([from]) },
  to: { path: folders(to) },
}));

module.exports = {
  forbidden: [
    ...layerRules,
    ...extraRules,
    {
      name: 'no-unlisted-layer',
      comment: 'Every folder of src/ has a place in the layers: add it to .dependency-cruiser.cjs and to ARCHITECTURE.md.',
      severity: 'error',
      from: { path: '^src/', pathNot: folders(LAYERS.map((layer) => layer.folder)) },
      to: {},
    },
    {
      name: 'no-cycles',
      comment: 'Files that import each other, be it only types, can only be understood together: move what both need to a third file.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'src-stands-alone',
      comment: 'What is published does not depend on tests, benchmarks, tools or the web page.',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(test|bench|tools|web)/' },
    },
    {
      name: 'tests-are-not-imported',
      comment: 'A test file is started, never imported: move what others need to a file of its own.',
      severity: 'error',
      from: {},
      to: { path: '\\.test\\.ts$' },
    },
    {
      name: 'koffi-only-in-sys',
      comment: 'System calls that Node lacks go through src/sys alone, so that one folder knows the platform.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/sys/' },
      to: { path: 'node_modules/koffi/' },
    },
    {
      name: 'web-knows-only-types',
      comment: 'The web page knows the types of the API and nothing else.',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^src/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'only-declared-packages',
      comment: 'A package that is imported is declared in package.json, and what is published is not declared for development only.',
      severity: 'error',
      from: { path: '^src/', pathNot: '(\\.test\\.ts$|/test-[^/]*\\.ts$|/testing/)' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'resolvable',
      comment: 'This import leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|build|assembly)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
