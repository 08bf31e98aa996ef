// Who may import whom: ARCHITECTURE.md has the picture. test/boundaries plants a violation of every rule here.

/** What a folder of src/core may import besides itself; everything may import errors.ts and support. */
const layers = {
  support: [],
  telemetry: [],
  protocol: [],
  remoting: ['protocol', 'telemetry'],
  client: ['remoting', 'protocol', 'telemetry'],
  producer: ['client', 'remoting', 'protocol', 'telemetry'],
  admin: ['client', 'remoting', 'protocol', 'telemetry'],
  consumer: ['producer', 'client', 'remoting', 'protocol', 'telemetry'],
  broker: ['remoting', 'protocol', 'telemetry'],
}

const layerRules = Object.entries(layers).map(([layer, below]) => ({
  name: `core-${layer}-imports-down`,
  comment: `core/${layer} may import ${['errors.ts', 'support', ...below].join(', ')}, and nothing else of ours.`,
  severity: 'error',
  from: { path: `^src/core/${layer}/` },
  to: { path: '^src/', pathNot: `^src/core/(errors\\.ts$|(${[layer, 'support', ...below].join('|')})/)` },
}))

const rules = [
  {
    name: 'no-cycles',
    comment: 'Two files that need each other are one file, or miss a third. Types count, too.',
    from: {},
    to: { circular: true },
  },
  {
    name: 'errors-import-nothing',
    from: { path: '^src/core/errors\\.ts$' },
    to: { path: '.' },
  },
  {
    name: 'commands-are-thin',
    comment: 'A command parses, calls src/cli and presents. Of the core it knows types: import type.',
    from: { path: '^src/commands/' },
    to: { path: '^src/core/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'nobody-imports-commands',
    comment: 'oclif loads them; what they share is src/cli.',
    from: { pathNot: '^src/commands/' },
    to: { path: '^src/commands/' },
  },
  {
    name: 'commands-do-not-know-each-other',
    from: { path: '^src/commands/' },
    to: { path: '^src/commands/' },
  },
  {
    name: 'cli-does-not-know-the-screen',
    comment: 'A command gives src/ui what src/cli has made.',
    from: { path: '^src/cli/' },
    to: { path: '^src/ui/' },
  },
  {
    name: 'the-screen-knows-snapshots-only',
    from: { path: '^src/ui/' },
    to: { path: '^src/', pathNot: '^src/(ui|core/telemetry)/' },
  },
  {
    name: 'the-core-knows-no-terminal',
    from: { path: '^src/core/' },
    to: { path: '(^src/(commands|cli|ui)/|^node_modules/(@oclif|ink|react|chalk|cli-table3)/)' },
  },
  {
    name: 'folders-are-entered-by-their-index',
    comment: 'From outside a core folder import its index.ts.',
    from: { path: '^src/(cli|commands|ui|core/([^/]+))/' },
    to: { path: '^src/core/[^/]+/', pathNot: ['^src/core/[^/]+/index\\.ts$', '^src/core/$2/'] },
  },
  {
    name: 'folders-do-not-enter-themselves-by-their-index',
    comment: 'Inside a core folder import the file itself.',
    from: { path: '^src/core/([^/]+)/' },
    to: { path: '^src/core/$1/index\\.ts$' },
  },
  {
    name: 'the-protocol-is-pure',
    comment: 'Bytes to values and back: no sockets, files, timers or randomness.',
    from: { path: '^src/core/protocol/' },
    to: { dependencyTypes: ['core'], pathNot: '^(node:)?(buffer|zlib|crypto)$' },
  },
  {
    name: 'sockets-live-in-remoting',
    from: { path: '^src/', pathNot: '^src/core/remoting/(tcp-transport|remoting-server)\\.ts$' },
    to: { path: '^(node:)?(net|tls|dgram)$' },
  },
  {
    name: 'files-are-read-in-few-places',
    comment: 'The command line, the store, broadcast offsets, and the files TLS needs.',
    from: {
      path: '^src/',
      pathNot: [
        '^src/cli/',
        '^src/core/broker/store/',
        '^src/core/consumer/offset/local-file-offset-store\\.ts$',
        '^src/core/remoting/tcp-transport\\.ts$',
      ],
    },
    to: { path: '^(node:)?fs(/promises)?$' },
  },
  {
    name: 'the-screen-is-loaded-late',
    comment: 'ink and react cost 300 ms: await import() what draws, and only where it draws.',
    from: { path: '^src/', pathNot: '^src/ui/' },
    to: { path: '^src/ui/', dynamic: false, dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'ink-stays-on-the-screen',
    from: { path: '^src/', pathNot: '^src/ui/' },
    to: { path: '^node_modules/(ink|react)/' },
  },
  {
    name: 'lmdb-stays-in-the-store',
    comment: 'It is native: loaded by the embedded broker alone.',
    from: { path: '^src/', pathNot: '^src/core/broker/store/' },
    to: { path: '^node_modules/lmdb/' },
  },
  {
    name: 'only-declared-packages',
    comment: 'What runs may import what package.json lists under dependencies.',
    from: { path: '^src/' },
    to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
  },
  {
    name: 'every-import-resolves',
    from: {},
    to: { couldNotResolve: true },
  },
]

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [...rules.map((rule) => ({ severity: 'error', ...rule })), ...layerRules],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    // Without these two, type imports do not count and bans on packages that are ESM only pass without a word.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'node', 'default'] },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
  },
}
