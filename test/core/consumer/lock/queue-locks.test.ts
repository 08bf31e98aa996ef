import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { QueueLocks } from '../../../../src/core/consumer/lock/queue-locks.ts'
import { ConnectionError } from '../../../../src/core/errors.ts'
import { type MessageQueue, queueName } from '../../../../src/core/protocol/index.ts'
import type { RemotingClient } from '../../../../src/core/remoting/index.ts'
import { silentLogger, TaskScope } from '../../../../src/core/support/index.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const queue = (queueId: number, brokerName = 'broker-a'): MessageQueue => ({ topic: 'orders', brokerName, queueId })

interface Asked {
  readonly address: string
  readonly operation: string
  readonly queues: readonly string[]
  readonly at: number
}

/** Brokers that grant what they are told to. */
class Brokers {
  readonly asked: Asked[] = []
  refuses = new Set<string>()
  isDown = false
  /** An answer takes so long. */
  takesMs = 0
  readonly #clock: VirtualClock

  constructor(clock: VirtualClock) {
    this.#clock = clock
  }

  readonly invoke = (async (address: string, operation: string, { body }: { body: { mqSet: MessageQueue[] } }) => {
    this.asked.push({ address, operation, queues: body.mqSet.map(queueName), at: this.#clock.monotonic() })
    if (this.takesMs > 0) await this.#clock.sleep(this.takesMs)
    if (this.isDown) throw new ConnectionError(address, 'connection refused')
    return { body: { lockOKMQSet: body.mqSet.filter((each) => !this.refuses.has(queueName(each))) } }
  }) as unknown as RemotingClient['invoke']
}

let clock: VirtualClock
let brokers: Brokers
let locks: QueueLocks
let scope: TaskScope

beforeEach(() => {
  clock = new VirtualClock()
  brokers = new Brokers(clock)
  scope = new TaskScope({ clock, onError: (error) => expect.unreachable(String(error)) })
  locks = new QueueLocks({
    group: 'g',
    clientId: 'c',
    clock,
    logger: silentLogger,
    remoting: brokers,
    masterOf: async (brokerName) => (brokerName === 'gone' ? undefined : `${brokerName}:10911`),
    life: { memberMs: 30_000, brokerMs: 60_000 },
    intervalMs: 20_000,
  })
})

afterEach(() => scope.close())

async function lease(queueId: number, brokerName?: string) {
  const held = await locks.acquire(queue(queueId, brokerName))
  if (held === undefined) throw new Error('it was refused')
  return held
}

const renewals = () => brokers.asked.filter(({ at, operation }) => at > 0 && operation === 'lockBatchMq')

describe('a lock', () => {
  it('is had when the broker grants it, and is held for 30 s', async () => {
    const held = await lease(0)
    await clock.advance(30_000)
    expect(held.held).toBe(true)

    await clock.advance(1)

    expect(held.held).toBe(false)
    expect(held.lost.aborted).toBe(false)
  })

  it('counts from when it was asked for, not from the answer', async () => {
    brokers.takesMs = 900
    const asking = lease(0)
    await clock.advance(900)
    const held = await asking
    await clock.advance(29_100)
    expect(held.held).toBe(true)
    await clock.advance(1)

    expect(held.held).toBe(false)
  })

  it('is not had when another member has it, or nobody answers', async () => {
    brokers.refuses.add('broker-a:0')
    expect(await locks.acquire(queue(0))).toBeUndefined()

    await expect(locks.acquire(queue(0, 'gone'))).rejects.toThrow('broker gone has no master')
    brokers.isDown = true
    await expect(locks.acquire(queue(1))).rejects.toThrow(ConnectionError)
  })
})

describe('renewing', () => {
  it('comes after 1 s and then every 20 s, in one request a broker', async () => {
    for (const id of [0, 1]) await lease(id)
    await lease(0, 'broker-b')
    scope.run('renewing', locks.run)

    await clock.advance(41_000)

    expect(renewals().map(({ address, queues, at }) => [at, address, ...queues])).toEqual(
      [1000, 21_000, 41_000].flatMap((at) => [
        [at, 'broker-a:10911', 'broker-a:0', 'broker-a:1'],
        [at, 'broker-b:10911', 'broker-b:0'],
      ]),
    )
  })

  it('keeps a lock for good', async () => {
    const held = await lease(0)
    scope.run('renewing', locks.run)
    for (let i = 0; i < 100; i++) {
      await clock.advance(7000)
      expect(held.held).toBe(true)
    }
  })

  it('loses what is not granted any more, at once, and only that', async () => {
    const [first, second] = [await lease(0), await lease(1)]
    scope.run('renewing', locks.run)
    brokers.refuses.add('broker-a:0')

    await clock.advance(1000)

    expect([first.held, first.lost.aborted]).toEqual([false, true])
    expect(second.held).toBe(true)
    await clock.advance(20_000)
    expect(renewals().at(-1)?.queues).toEqual(['broker-a:1'])
  })

  it('that fails is tried again each second: the lock is in doubt after 30 s, and held again when it works before 60 s', async () => {
    const held = await lease(0)
    brokers.isDown = true
    scope.run('renewing', locks.run)
    await clock.advance(40_000)
    expect([held.held, held.lost.aborted]).toEqual([false, false])
    const settled = held.settled()
    brokers.isDown = false

    await clock.advance(1000)

    expect(await settled).toBe(true)
    expect(held.held).toBe(true)
  })

  it('that works only after 60 s comes too late: another may have had it, so it is given back and lost', async () => {
    const held = await lease(0)
    scope.run('renewing', locks.run)
    await clock.advance(1000)
    brokers.takesMs = 70_000
    await clock.advance(40_000)
    const settled = held.settled()
    await clock.advance(49_000)
    expect([held.held, held.lost.aborted]).toEqual([false, false])
    brokers.takesMs = 0

    await clock.advance(1000)

    expect(held.lost.aborted).toBe(true)
    expect(await settled).toBe(false)
    expect(brokers.asked.at(-1)).toMatchObject({ operation: 'unlockBatchMq', queues: ['broker-a:0'] })
  })

  it('that goes on failing loses the lock within a minute', async () => {
    const held = await lease(0)
    brokers.isDown = true
    scope.run('renewing', locks.run)

    await clock.advance(60_000)

    expect(held.lost.aborted).toBe(true)
    held.confirm(clock.monotonic())
    expect(held.held).toBe(false)
    expect(await held.settled()).toBe(false)
  })
})

describe('unlocking', () => {
  it('waits for a renewal under way, which could lock for nobody after it', async () => {
    const held = await lease(0)
    await lease(1)
    scope.run('renewing', locks.run)
    brokers.takesMs = 500
    await clock.advance(1000)
    const released = locks.release([held])
    await clock.advance(499)
    expect(brokers.asked.map(({ operation }) => operation)).not.toContain('unlockBatchMq')
    await clock.advance(501)
    await released

    expect(brokers.asked.at(-1)).toMatchObject({ operation: 'unlockBatchMq', queues: ['broker-a:0'] })
    await clock.advance(20_000)
    expect(renewals().at(-1)?.queues).toEqual(['broker-a:1'])
  })

  it('asks each broker once, and never fails', async () => {
    const all = [await lease(0), await lease(1), await lease(0, 'broker-b')]
    brokers.isDown = true

    await locks.release(all)
    await locks.release(all)

    expect(brokers.asked.slice(3).map(({ address, operation }) => [address, operation])).toEqual([
      ['broker-a:10911', 'unlockBatchMq'],
      ['broker-b:10911', 'unlockBatchMq'],
    ])
  })
})
