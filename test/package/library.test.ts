import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import * as library from '../../src/index.ts'
import { Observer, startLiveBroker } from '../support/live-broker.ts'
import { runNode } from '../support/mq.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The names a source takes from the index of a core folder, types and values. */
function taken(file: string, folder: string): string[] {
  const text = readFileSync(file, 'utf8')
  const imports = text.matchAll(/import (?:type )?\{([^}]*)\} from '[./]*\/core\/(\w+)\/index\.ts'/g)
  return [...imports].flatMap(([, names = '', from]) =>
    from === folder
      ? names.split(',').map((name) =>
          name
            .trim()
            .replace(/^type /, '')
            .replace(/ as .*/, ''),
        )
      : [],
  )
}

describe('what programs import', () => {
  test('is all of the engine that the command line uses', () => {
    const exported = readFileSync(path.join(root, 'src/index.ts'), 'utf8')
    const sources = ['src/cli', 'src/commands'].flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => path.join(root, folder, name)),
    )
    const used = new Set(sources.flatMap((file) => ['consumer', 'producer'].flatMap((folder) => taken(file, folder))))
    used.delete('')

    expect(used.size).toBeGreaterThan(5)
    expect([...used].filter((name) => !new RegExp(`\\b${name}\\b`).test(exported))).toEqual([])
  })

  test('has its types, which hold for a program that is checked strictly', { timeout: 60_000 }, () => {
    const folder = mkdtempSync(path.join(root, 'test/package/program-'))
    onTestFinished(() => {
      rmSync(folder, { recursive: true })
    })
    const program = `import { createClient, PushConsumer, type MessageListenerConcurrently } from 'mq'
const listener: MessageListenerConcurrently = ([message]) => (message?.reconsumeTimes === 0 ? 'RECONSUME_LATER' : 'CONSUME_SUCCESS')
export const consumer = new PushConsumer(createClient({ nameServers: 'localhost' }), { group: 'g', subscriptions: [{ topic: 't' }], listener })
// @ts-expect-error there is no such setting
new PushConsumer(createClient({ nameServers: 'localhost' }), { group: 'g', subscriptions: [], listener, concurency: 3 })
`
    writeFileSync(path.join(folder, 'program.ts'), program)
    writeFileSync(
      path.join(folder, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: { module: 'nodenext', target: 'es2023', strict: true, noEmit: true, types: ['node'] },
        files: ['program.ts'],
      }),
    )

    const tsc = path.join(root, 'node_modules/typescript/bin/tsc')
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { cwd: root, encoding: 'utf8' })

    expect([stdout, status]).toEqual(['', 0])
  })

  test('checks what it is given', () => {
    expect(() => library.createClient({ nameServers: 'a b' })).toThrow(library.UsageError)
  })
})

test('the examples do what they say', { timeout: 60_000 }, async () => {
  const broker = await startLiveBroker()
  onTestFinished(() => broker.close())
  const observer = new Observer(broker.address)
  await observer.createTopic('orders', 4)
  await observer.close()
  const run = (name: string, ...args: string[]) =>
    runNode([path.join(root, 'examples', name), broker.address, 'orders', ...args])

  const produced = await run('produce.mjs')
  const consumed = await run('consume.mjs', '10')

  expect(produced).toMatchObject({ code: 0, stderr: '' })
  expect(produced.stdout.match(/^sent order \d+ to broker-a:\d at \d$/gm)).toHaveLength(10)
  const customers = ['ada', 'bob'].map((name) => consumed.stdout.split('\n').filter((line) => line.includes(name)))
  expect(customers.map((lines) => lines.map((line) => Number(/order-(\d+) /.exec(line)?.[1])))).toEqual([
    [2, 4, 6, 8, 10],
    [1, 3, 5, 7, 9],
  ])
})
