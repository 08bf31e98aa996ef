import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Observer } from '../support/live-broker.ts'
import { messagesOf, Program } from '../support/program.ts'

let dataDir: string
let running: Program[] = []

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(os.tmpdir(), 'mq-pop-'))
})

afterEach(async () => {
  await Promise.all(running.map((program) => program.kill()))
  running = []
  await rm(dataDir, { recursive: true, force: true })
})

function start(name: string, ...args: string[]): Program {
  const program = new Program(name, args)
  running.push(program)
  return program
}

async function startBroker(port: number): Promise<{ readonly program: Program; readonly address: string }> {
  const program = start('broker', '--data-dir', dataDir, '--port', String(port))
  const address = (): string | undefined => program.lines.find((line) => line.startsWith('serving '))?.slice(8)
  await program.until(() => address() !== undefined)
  return { program, address: address() ?? '' }
}

const numbers = (first: number, count: number): number[] => Array.from({ length: count }, (_, index) => first + index)
const consumed = (program: Program): number[] =>
  messagesOf(program)
    .map(({ body }) => Number(body))
    .sort((a, b) => a - b)

it('a killed broker brings back what was popped and not acknowledged, and nothing that was', async () => {
  const broker = await startBroker(0)
  const { address } = broker
  const observer = new Observer(address)
  await observer.createTopic('orders', 4)
  const body = { topic: 'orders', consumerGroup: 'g', mode: 'POP', popShareQueueNum: 0 }
  await observer.client.remoting.invoke(address, 'setMessageRequestMode', { body })
  const consumer = (...args: string[]): Program =>
    start('consumer', '--namesrv', address, '--topic', 'orders', '--group', 'g', '--invisible-ms', '5000', ...args)

  const good = consumer()
  await observer.produce('orders', numbers(0, 50))
  await good.until(() => consumed(good).length === 50)
  expect(await good.stop()).toBe(0)
  const stuck = consumer('--takes', 'never')
  await observer.produce('orders', numbers(100, 10))
  await stuck.until(() => consumed(stuck).length === 10)
  await broker.program.kill()
  await stuck.kill()

  await startBroker(Number(address.split(':').at(-1)))
  const heir = consumer()
  await heir.until(() => consumed(heir).length >= 10)
  expect(consumed(heir)).toEqual(numbers(100, 10))
  expect(messagesOf(heir).map(({ reconsumeTimes }) => reconsumeTimes)).toEqual(Array(10).fill(1))
  await observer.close()
})
