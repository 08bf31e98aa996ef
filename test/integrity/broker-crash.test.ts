import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { deadLetters } from '../support/dead-letters.ts'
import { Observer } from '../support/live-broker.ts'
import { messagesOf, Program } from '../support/program.ts'

let dataDir: string
let running: Program[] = []

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(os.tmpdir(), 'mq-crash-'))
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

/** Starts the broker; resolves to it and its port. */
async function startBroker(port: number): Promise<{ readonly program: Program; readonly port: number }> {
  const program = start('broker', '--data-dir', dataDir, '--port', String(port))
  const address = (): string | undefined => program.lines.find((line) => line.startsWith('serving '))
  await program.until(() => address() !== undefined)
  return { program, port: Number(address()?.split(':').at(-1)) }
}

it.each([1, 2])(
  'a broker killed in the middle and started again loses nothing that it acknowledged, and its group of %d goes on by itself',
  async (members) => {
    let broker = await startBroker(0)
    const address = `127.0.0.1:${broker.port}`
    const observer = new Observer(address)
    await observer.createTopic('orders', 4)
    const consumers = Array.from({ length: members }, () =>
      start('consumer', '--namesrv', address, '--topic', 'orders', '--group', 'g'),
    )
    await Promise.all(consumers.map((each) => each.until(() => each.lines.includes('started'))))
    const consumed = () => consumers.flatMap((each) => messagesOf(each))

    const acknowledged: number[] = []
    const rounds = 3
    for (let round = 0; round < rounds; round++) {
      const numbers = Array.from({ length: 200 }, (_, index) => round * 1000 + index)
      const producing = observer.produce('orders', numbers)
      await consumers[0]?.until(() => consumed().length > acknowledged.length + 20)
      await broker.program.kill()
      broker = await startBroker(broker.port)
      acknowledged.push(...(await producing))
    }

    // All may have been consumed before the broker was killed: the group is to be back before it is told to end.
    await observer.untilMembers('g', members)
    acknowledged.push(...(await observer.produce('orders', [3000, 3001, 3002, 3003])))

    const seen = () => new Set(consumed().map(({ body }) => Number(body)))
    await consumers[0]?.until(() => acknowledged.every((number) => seen().has(number)), 20_000)
    for (const each of consumers) expect(await each.stop()).toBe(0)
    expect(acknowledged.length).toBeGreaterThan(rounds * 50)
    // A member stays as it is while the broker is away, and the first to be back leaves the other its queues: what they
    // have consumed does not come again.
    expect(consumed()).toHaveLength(seen().size)
    expect(await observer.committed('g', 'orders')).toEqual(await observer.ends('orders'))
    await observer.close()
  },
)

it('every failing message reaches the DLQ although its consumer is killed in between', async () => {
  const broker = await startBroker(0)
  const address = `127.0.0.1:${broker.port}`
  const observer = new Observer(address)
  await observer.createTopic('orders', 2)
  const numbers = Array.from({ length: 20 }, (_, number) => number)
  await observer.produce('orders', numbers)
  const args = ['--namesrv', address, '--topic', 'orders', '--group', 'g', '--fail-times', '99', '--max-reconsume', '2']

  for (const deliveries of [10, 25]) {
    const killed = start('consumer', ...args)
    await killed.until(() => messagesOf(killed).length >= deliveries)
    await killed.kill()
    await observer.untilNobody('g')
  }
  const last = start('consumer', ...args)
  const dead = () => deadLetters(observer.client.remoting, address, 'g')
  const missing = async (): Promise<number[]> => {
    const bodies = new Set((await dead()).map(({ body }) => Number(body)))
    return numbers.filter((number) => !bodies.has(number))
  }
  await vi.waitUntil(async () => (await missing()).length === 0, { timeout: 15_000, interval: 100 })

  // One whose offset was not stored yet when its consumer was killed is sent back again.
  const letters = await dead()
  for (const { reconsumeTimes } of letters) expect(reconsumeTimes).toBe(3)
  expect(letters.length).toBeLessThanOrEqual(numbers.length * 4)
  expect(await last.stop()).toBe(0)
  await observer.close()
})
