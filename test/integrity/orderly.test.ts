import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { EmbeddedBroker } from '../../src/core/broker/index.ts'
import { Observer, startLiveBroker } from '../support/live-broker.ts'
import { checkOrder, type OrderVerdict } from '../support/order-checker.ts'
import { OrderedProducer } from '../support/ordered-producer.ts'
import { deliveriesOf, Program } from '../support/program.ts'

const QUEUES = 8
const KEYS = 200
/** A tenth of the usual: of the lock here, of the broker's, and of the time until others have the queues. */
const LOCK_LIFE_MS = 3000

let broker: EmbeddedBroker
let observer: Observer
let producer: OrderedProducer
let members: Map<string, Program>

beforeEach(async () => {
  broker = await startLiveBroker({ lockLifeMs: 2 * LOCK_LIFE_MS })
  observer = new Observer(broker.address)
  await observer.createTopic('orders', QUEUES)
  producer = new OrderedProducer(observer.client, { topic: 'orders', keys: KEYS })
  members = new Map()
})

afterEach(async () => {
  await Promise.all([...members.values()].map((member) => member.kill()))
  await producer.close()
  await observer.close()
  await broker.close()
})

async function join(name: string): Promise<Program> {
  const at = ['--namesrv', broker.address, '--topic', 'orders', '--group', 'g']
  const program = new Program('consumer', [
    ...at,
    ...['--orderly', '--takes', '1', '--lock-life', String(LOCK_LIFE_MS), '--persist-ms', '1000'],
  ])
  members.set(name, program)
  await program.until(() => program.lines.includes('started'))
  return program
}

const verdict = (mayLose: readonly string[] = []): OrderVerdict =>
  checkOrder(deliveriesOf(members, 'orders'), { produced: producer.produced, mayLose: new Set(mayLose) })

/** The queues whose newest delivery was to a member. */
function servedBy(name: string): Set<string> {
  const newest = new Map<string, string>()
  const inTime = deliveriesOf(members, 'orders').sort((a, b) => a.at - b.at)
  for (const { queue, member } of inTime) newest.set(queue, member)
  return new Set([...newest].flatMap(([queue, member]) => (member === name ? [queue] : [])))
}

/** Resolves when all that is produced has been consumed. Looks now and then: the broker lives in this process too. */
const consumed = (): Promise<void> => until(() => verdict().distinct === producer.sent)

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not so within 60 s: ${JSON.stringify(verdict())}`)
    await sleep(200)
  }
}

it('keys stay in order while members join, end, are killed and are stopped past the expiry of their locks', async () => {
  const [ends, dies, stops] = [await join('ends'), await join('dies'), await join('stops')]
  await producer.send(2000)
  await join('joins')
  await producer.send(2000)
  expect(await ends.stop()).toBe(0)
  await producer.send(1000)
  await dies.kill()
  await producer.send(1000)
  await consumed()
  stops.freeze()
  const served = servedBy('stops').size
  await producer.send(2000)
  // Now somebody wants a queue of it, and gets it when its lock expires.
  await join('later')
  await until(() => servedBy('stops').size < served)
  await producer.send(2000)
  stops.thaw()
  await producer.send(2000)
  await consumed()
  for (const [name, member] of members) if (name !== 'dies') expect(await member.stop()).toBe(0)

  const { skips, stale, missing, distinct } = verdict(['dies', 'stops'])
  expect({ skips, stale, missing, distinct }).toEqual({ skips: [], stale: [], missing: [], distinct: 12_000 })
  expect(await observer.committed('g', 'orders')).toEqual(await observer.ends('orders'))
}, 240_000)

it('a member that is stopped for less than its locks live repeats nothing', async () => {
  const stops = await join('stops')
  await join('other')
  await producer.send(2000)
  await stops.until(() => stops.lines.length > 100)
  stops.freeze()
  await sleep(1000)
  stops.thaw()
  await producer.send(1000)
  await consumed()
  for (const member of members.values()) expect(await member.stop()).toBe(0)

  expect(verdict()).toMatchObject({ repeats: 0, skips: [], stale: [], missing: [], distinct: 3000 })
})
