import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

const time = 'take time from the injected Clock (core/support/clock.ts), so that tests can move it'
const sockets = 'only core/remoting may open sockets; ask for a Connect or a RemotingServer'
const files = 'read and write files only in the store, in remoting (TLS files) and in src/cli'
const chance = 'take chance as a parameter, so that tests can choose it'

const banned = (names, message) => names.map((name) => ({ name, message }))
const timers = banned(['node:timers', 'node:timers/promises'], time)
const networks = banned(['node:net', 'node:tls', 'net', 'tls'], sockets)
const fileSystems = banned(['node:fs', 'node:fs/promises', 'fs'], files)

/** What no class and no module of ours does. */
const syntax = [
  {
    selector: ':matches(PropertyDefinition, MethodDefinition[kind!="constructor"])[accessibility="private"]',
    message: 'write #name: it is private at run time, too',
  },
]
const coreSyntax = [
  { selector: 'ExportDefaultDeclaration', message: 'export by name; only commands and hooks of oclif need a default' },
  {
    selector: 'ClassDeclaration[superClass]:not([superClass.name=/Error$/])',
    message: 'only errors inherit; give the class what it needs',
  },
]

export default tseslint.config(
  {
    ignores: [
      'dist',
      '.dist-*',
      'coverage',
      'test/fixtures',
      'eslint.config.js',
      '**/*.mjs',
      'bin',
      '**/*.cjs',
      'bench/peers',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  tseslint.configs.strictTypeChecked,
  { languageOptions: { parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname } } },
  {
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-depth': ['error', 3],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'no-empty': 'error',
      eqeqeq: 'error',
      'no-cond-assign': ['error', 'always'],
      'no-constant-binary-expression': 'error',
      'no-self-compare': 'error',
      'no-unmodified-loop-condition': 'error',
      'no-unsafe-finally': 'error',
      'no-unsafe-optional-chaining': 'error',
      'no-restricted-syntax': ['error', ...syntax],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-invalid-void-type': 'off',
    },
  },
  {
    files: ['src/**/*.ts', 'src/**/*.tsx'],
    rules: {
      'no-restricted-globals': ['error', ...banned(['setTimeout', 'setInterval', 'setImmediate', 'performance'], time)],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: time },
        { object: 'Math', property: 'random', message: chance },
      ],
      'no-restricted-imports': ['error', { paths: [...timers, ...networks, ...fileSystems] }],
    },
  },
  {
    files: ['src/core/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...syntax, ...coreSyntax] },
  },
  {
    files: ['src/core/support/clock.ts', 'src/core/support/turn.ts'],
    rules: { 'no-restricted-globals': 'off', 'no-restricted-properties': 'off' },
  },
  {
    files: ['src/core/broker/store/**', 'src/core/consumer/offset/local-file-offset-store.ts', 'src/cli/**'],
    rules: { 'no-restricted-imports': ['error', { paths: [...timers, ...networks] }] },
  },
  {
    files: ['src/core/remoting/tcp-transport.ts', 'src/core/remoting/remoting-server.ts'],
    rules: { 'no-restricted-imports': ['error', { paths: timers }] },
  },
  {
    files: ['src/ui/**'],
    plugins: { 'react-hooks': reactHooks },
    rules: { 'react-hooks/rules-of-hooks': 'error', 'react-hooks/exhaustive-deps': 'error' },
  },
  {
    files: ['test/**/*.ts', 'test/**/*.tsx', 'bench/**/*.ts', 'scripts/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      'no-console': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
)
