import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, test } from 'vitest'
import type { EmbeddedBroker } from '../../src/core/broker/index.ts'
import * as consumer from '../../src/core/consumer/index.ts'
import * as producer from '../../src/core/producer/index.ts'
import * as library from '../../src/index.ts'
import { Observer, startLiveBroker } from '../support/live-broker.ts'
import { mq, runNode } from '../support/mq.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

describe('what programs import', () => {
  test('is all of the engine that the command line may use', () => {
    // src/cli enters these folders by their index only (.dependency-cruiser.cjs).
    for (const [name, value] of Object.entries({ ...consumer, ...producer })) {
      expect([name, (library as Record<string, unknown>)[name]]).toEqual([name, value])
    }
    expect(Object.keys(library)).toContain('LitePullConsumer')
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

describe('the examples', { timeout: 60_000 }, () => {
  let broker: EmbeddedBroker

  beforeEach(async () => {
    broker = await startLiveBroker()
    const observer = new Observer(broker.address)
    await observer.createTopic('orders', 4)
    await observer.close()
  })
  afterEach(() => broker.close())

  const run = (name: string, ...args: string[]) =>
    runNode([path.join(root, 'examples', name), broker.address, 'orders', ...args])
  const example = (name: string) => path.join(root, 'examples', name)
  /** The numbers of each customer's orders, in the order in which they were printed. */
  const ordersOf = (stdout: string) =>
    ['ada', 'bob'].map((customer) =>
      stdout
        .split('\n')
        .filter((line) => line.includes(customer))
        .map((line) => Number(/order (\d+)|"number":(\d+)/.exec(line)?.slice(1).find(Boolean))),
    )
  const all = [
    [2, 4, 6, 8, 10],
    [1, 3, 5, 7, 9],
  ]

  it('send ten orders, and consume them in each of the ways', async () => {
    const produced = await run('produce.mjs')
    expect(produced).toMatchObject({ code: 0, stderr: '' })
    expect(produced.stdout.match(/^sent order \d+ to broker-a:\d at \d$/gm)).toHaveLength(10)

    for (const name of ['consume.mjs', 'orderly.mjs', 'poll.mjs']) {
      const { code, stdout, stderr } = await run(name, '10')
      expect([name, code, stderr, ordersOf(stdout)]).toEqual([name, 0, '', all])
    }
  })

  it('give the command line a strategy and a handler', async () => {
    await run('produce.mjs')
    const args = ['--from', 'first', '--until-caught-up', '-n', broker.address]
    const handled = await mq(['consume', 'orders', '-g', 'billing', '--handler', example('handler.mjs'), ...args])
    const shared = await mq([
      'consume',
      'orders',
      '-g',
      'all',
      '--strategy',
      example('strategy.mjs'),
      '-o',
      'raw',
      ...args,
    ])

    expect([handled.code, ordersOf(handled.stdout)]).toEqual([0, all])
    expect([shared.code, ordersOf(shared.stdout)]).toEqual([0, all])
  })
})
