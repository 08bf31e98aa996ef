import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'

// A ban that resolves nothing bans nothing. So every rule of .dependency-cruiser.cjs is broken once, in a tree made for
// it, and has to be reported; and what the rules mean to allow has to pass.

interface Plant {
  readonly rule: string
  readonly file: string
  readonly code: string
}

interface Violation {
  readonly from: string
  readonly rule: { readonly name: string }
  readonly cycle?: readonly { readonly name: string }[]
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const config = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as {
  forbidden: readonly { name: string; severity: string }[]
}

const folders = ['support', 'telemetry', 'protocol', 'remoting', 'client', 'producer', 'admin', 'consumer', 'broker']

/** What the planted files import. */
const ground: Readonly<Record<string, string>> = {
  ...Object.fromEntries(folders.map((folder) => [`src/core/${folder}/index.ts`, "export { inner } from './inner.ts'"])),
  ...Object.fromEntries(folders.map((folder) => [`src/core/${folder}/inner.ts`, 'export const inner = 1'])),
  'src/core/consumer/offset/deep.ts': 'export const deep = 1',
  'src/cli/connect.ts': 'export const connect = 1',
  'src/ui/screen.tsx': 'export const screen = 1',
  'src/commands/other.ts': 'export default class {}',
}

/** A file that imports one thing it must not. */
const plants: readonly Plant[] = [
  {
    rule: 'core-support-imports-down',
    file: 'src/core/support/planted.ts',
    code: "import '../protocol/index.ts'",
  },
  {
    rule: 'core-telemetry-imports-down',
    file: 'src/core/telemetry/planted.ts',
    code: "import '../consumer/index.ts'",
  },
  {
    rule: 'core-protocol-imports-down',
    file: 'src/core/protocol/planted.ts',
    code: "import '../remoting/index.ts'",
  },
  { rule: 'core-remoting-imports-down', file: 'src/core/remoting/planted.ts', code: "import '../client/index.ts'" },
  { rule: 'core-client-imports-down', file: 'src/core/client/planted.ts', code: "import '../broker/index.ts'" },
  { rule: 'core-producer-imports-down', file: 'src/core/producer/planted.ts', code: "import '../broker/index.ts'" },
  { rule: 'core-admin-imports-down', file: 'src/core/admin/planted.ts', code: "import '../consumer/index.ts'" },
  {
    rule: 'core-consumer-imports-down',
    file: 'src/core/consumer/planted.ts',
    code: "import type { inner } from '../broker/index.ts'\nexport type X = typeof inner",
  },
  { rule: 'core-broker-imports-down', file: 'src/core/broker/planted.ts', code: "import '../client/index.ts'" },
  {
    rule: 'no-cycles',
    file: 'src/cli/planted-cycle.ts',
    code: "import type { Back } from './planted-back.ts'\nexport interface There { readonly back: Back }",
  },
  { rule: 'errors-import-nothing', file: 'src/core/errors.ts', code: "import './support/index.ts'" },
  {
    rule: 'commands-are-thin',
    file: 'src/commands/planted-core.ts',
    code: "import { inner } from '../core/consumer/index.ts'\nexport default inner",
  },
  { rule: 'nobody-imports-commands', file: 'src/cli/planted-command.ts', code: "import '../commands/other.ts'" },
  { rule: 'commands-do-not-know-each-other', file: 'src/commands/planted-sibling.ts', code: "import './other.ts'" },
  {
    rule: 'cli-does-not-know-the-screen',
    file: 'src/cli/planted-screen.ts',
    code: "export const load = () => import('../ui/screen.tsx')",
  },
  {
    rule: 'the-screen-knows-snapshots-only',
    file: 'src/ui/planted-engine.ts',
    code: "import '../core/consumer/index.ts'",
  },
  { rule: 'the-core-knows-no-terminal', file: 'src/core/consumer/planted-chalk.ts', code: "import 'chalk'" },
  {
    rule: 'folders-are-entered-by-their-index',
    file: 'src/cli/planted-deep.ts',
    code: "import '../core/consumer/offset/deep.ts'",
  },
  {
    rule: 'folders-do-not-enter-themselves-by-their-index',
    file: 'src/core/consumer/offset/planted-index.ts',
    code: "import '../index.ts'",
  },
  { rule: 'the-protocol-is-pure', file: 'src/core/protocol/planted-os.ts', code: "import 'node:os'" },
  { rule: 'sockets-live-in-remoting', file: 'src/core/client/planted-net.ts', code: "import 'node:net'" },
  {
    rule: 'files-are-read-in-few-places',
    file: 'src/core/client/planted-fs.ts',
    code: "import 'node:fs/promises'",
  },
  { rule: 'the-screen-is-loaded-late', file: 'src/commands/planted-early.ts', code: "import '../ui/screen.tsx'" },
  {
    rule: 'ink-stays-on-the-screen',
    file: 'src/commands/planted-ink.ts',
    code: "export const load = () => import('ink')",
  },
  { rule: 'lmdb-stays-in-the-store', file: 'src/core/broker/planted-lmdb.ts', code: "import 'lmdb'" },
  { rule: 'only-declared-packages', file: 'src/cli/planted-dev.ts', code: "import 'vitest'" },
  { rule: 'every-import-resolves', file: 'src/cli/planted-missing.ts', code: "import './not-there.ts'" },
]

/** Files whose imports are what the layers are for. */
const allowed: Readonly<Record<string, string>> = {
  'src/commands/fine.ts': `import { connect } from '../cli/connect.ts'
import type { inner } from '../core/consumer/index.ts'
export const load = () => import('../ui/screen.tsx')
export default class { readonly given: typeof inner = connect }`,
  'src/cli/fine.ts': `import { readFileSync } from 'node:fs'
import { inner } from '../core/consumer/index.ts'
export const read = () => [readFileSync('x'), inner, import('../core/broker/index.ts')]`,
  'src/ui/fine.tsx': "import 'ink'\nimport '../core/telemetry/index.ts'",
  'src/core/consumer/fine.ts': "import '../client/index.ts'\nimport './offset/deep.ts'\nimport '../support/index.ts'",
  'src/core/remoting/tcp-transport.ts': "import 'node:net'\nimport 'node:tls'\nimport 'node:fs'",
  'src/core/broker/store/fine.ts': "import 'node:fs/promises'\nexport const load = () => import('lmdb')",
  'src/core/protocol/fine.ts': "import 'node:zlib'\nimport 'node:crypto'",
}

const tree = mkdtempSync(path.join(os.tmpdir(), 'mq-boundaries-'))
afterAll(() => {
  rmSync(tree, { recursive: true })
})

function write(file: string, code: string): void {
  mkdirSync(path.dirname(path.join(tree, file)), { recursive: true })
  writeFileSync(path.join(tree, file), `${code}\n`)
}

/** The names of the rules each file breaks. */
function violations(): Map<string, string[]> {
  for (const name of ['.dependency-cruiser.cjs', 'package.json', 'tsconfig.json', 'tsconfig.base.json']) {
    cpSync(path.join(root, name), path.join(tree, name))
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(tree, 'node_modules'))
  for (const [file, code] of Object.entries({ ...ground, ...allowed })) write(file, code)
  for (const { file, code } of plants) write(file, code)
  write('src/cli/planted-back.ts', "import type { There } from './planted-cycle.ts'\nexport type Back = There | 0")

  const depcruise = path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
  const args = [depcruise, 'src', '--preserve-symlinks', '--output-type', 'json']
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: tree, encoding: 'utf8', maxBuffer: 1 << 27 })
  if (stdout === '') throw new Error(stderr)
  const { summary } = JSON.parse(stdout) as { summary: { violations: readonly Violation[] } }
  const found = new Map<string, string[]>()
  for (const { from, rule, cycle } of summary.violations) {
    // A cycle is reported once, from any of its files.
    const files = cycle === undefined ? [from] : cycle.map(({ name }) => name)
    for (const file of files) found.set(file, [...(found.get(file) ?? []), rule.name])
  }
  return found
}

describe('the boundaries between layers', () => {
  const found = violations()

  test.each(plants)('$rule reports $file', ({ rule, file }) => {
    expect(found.get(file)).toContain(rule)
  })

  test.each(Object.keys(allowed))('%s is allowed', (file) => {
    expect(found.get(file)).toBeUndefined()
  })

  test('every rule has its planted violation, and none is a mere warning', () => {
    expect(plants.map(({ rule }) => rule).sort()).toEqual(config.forbidden.map(({ name }) => name).sort())
    expect(config.forbidden.filter(({ severity }) => severity !== 'error')).toEqual([])
  })
})
