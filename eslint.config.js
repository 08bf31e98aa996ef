import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

const time = 'take time from the injected Clock (core/support/clock.ts), so that tests can move it'
const sockets = 'only core/remoting may open sockets; ask for a Connect or a RemotingServer'
const files = 'read and write files only in the store, in remoting (TLS files) and in src/cli'

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'test/fixtures', 'eslint.config.js', '**/*.mjs', 'bin', '.dependency-cruiser.cjs'] },
  tseslint.configs.strictTypeChecked,
  { languageOptions: { parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname } } },
  {
    plugins: { 'react-hooks': reactHooks },
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-depth': ['error', 3],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-invalid-void-type': 'off',
      'no-control-regex': 'off',
    },
  },
  {
    files: ['src/**/*.ts', 'src/**/*.tsx'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval', 'setImmediate', 'performance'].map((name) => ({ name, message: time })),
      ],
      'no-restricted-properties': ['error', { object: 'Date', property: 'now', message: time }],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            ...['node:net', 'node:tls', 'net', 'tls'].map((name) => ({ name, message: sockets })),
            ...['node:fs', 'node:fs/promises', 'fs'].map((name) => ({ name, message: files })),
            ...['node:timers', 'node:timers/promises'].map((name) => ({ name, message: time })),
          ],
        },
      ],
    },
  },
  {
    files: ['src/core/support/clock.ts', 'src/core/support/turn.ts'],
    rules: { 'no-restricted-globals': 'off', 'no-restricted-properties': 'off' },
  },
  {
    files: [
      'src/core/remoting/tcp-transport.ts',
      'src/core/remoting/remoting-server.ts',
      'src/core/broker/store/**',
      'src/cli/**',
    ],
    rules: { 'no-restricted-imports': 'off' },
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
