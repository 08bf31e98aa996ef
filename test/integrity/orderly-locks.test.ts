import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ConsumeOrderlyContext, PushConsumer } from '../../src/core/consumer/index.ts'
import { UsageError } from '../../src/core/errors.ts'
import { ConsumerGroup, type Member } from '../support/consumer-group.ts'
import { deadLetters } from '../support/dead-letters.ts'
import { EmbeddedCluster } from '../support/embedded-cluster.ts'
import { Freezer } from '../support/freezing.ts'

let cluster: EmbeddedCluster
let group: ConsumerGroup

beforeEach(async () => {
  cluster = await EmbeddedCluster.start()
  group = await ConsumerGroup.create(cluster, 4)
})

afterEach(() => cluster.close())

const inOrder = { orderlyListener: () => 'SUCCESS' as const }

/** A member whose process can be stopped. */
async function freezable(
  takesMs: number,
  seen: (context: ConsumeOrderlyContext) => void = () => undefined,
): Promise<Member & { readonly freezer: Freezer }> {
  const freezer = new Freezer(cluster.clock, cluster.connect)
  const client = cluster.client(freezer)
  const member = await group.join({
    client,
    orderlyListener: async (_, context) => {
      seen(context)
      await freezer.clock.sleep(takesMs)
      return 'SUCCESS' as const
    },
  })
  return { ...member, freezer }
}

/** What was consumed of a queue, in order. */
const offsetsOf = (queueId: number, member?: Member): number[] =>
  group.consumed
    .filter((each) => each.queueTopic === group.topic && each.queueId === queueId)
    .filter((each) => member === undefined || each.member === member.name)
    .map(({ offset }) => offset)

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** The queues another client could lock now: those nobody holds. */
async function free(): Promise<number[]> {
  const observer = cluster.client()
  const body = { clientId: 'observer', consumerGroup: group.group, mqSet: [...group.queues], onlyThisBroker: false }
  const { body: answer } = await observer.remoting.invoke(cluster.broker.address, 'lockBatchMq', { body })
  await observer.remoting.invoke(cluster.broker.address, 'unlockBatchMq', { body })
  return answer.lockOKMQSet.map(({ queueId }) => queueId).sort()
}

describe('an orderly group', () => {
  it('consumes each queue in order, under the lock of its owner', async () => {
    await group.produce(400)
    const member = await group.join(inOrder)

    await group.drained()

    for (const { queueId } of group.queues) expect(offsetsOf(queueId)).toEqual(upTo(100))
    expect(await free()).toEqual([])
    await member.leave()
  })

  it('stores its offsets and unlocks when it leaves: the next has the queues at once', async () => {
    await group.produce(40)
    const first = await group.join(inOrder)
    await group.drained()
    await first.leave()

    expect(await group.committed()).toEqual(await group.ends())
    expect(await free()).toEqual([0, 1, 2, 3])
    const second = await group.join(inOrder)
    await group.produce(40)
    await group.drained(2000)
    expect(group.duplicates).toBe(0)
    await second.leave()
  })

  it('hands queues over to one that joins, without a repeat, while messages come', async () => {
    const first = await group.join(inOrder)
    await group.produce(40)
    await group.drained()
    const second = await group.join(inOrder)
    for (let i = 0; i < 20; i++) {
      await group.produce(20)
      await cluster.clock.advance(100)
    }
    await group.drained()

    expect([group.owned(first), group.owned(second)]).toEqual([
      [0, 1],
      [2, 3],
    ])
    expect(group.duplicates).toBe(0)
    for (const { queueId } of group.queues) expect(offsetsOf(queueId)).toEqual(upTo(110))
    await Promise.all([first.leave(), second.leave(), cluster.clock.advance(2000)])
  })

  it('renews its locks for as long as it lives', async () => {
    const member = await group.join(inOrder)
    for (let i = 0; i < 30; i++) {
      await cluster.clock.advance(10_000)
      expect(await free()).toEqual([])
    }
    await member.leave()
  })

  it('waits for the locks of a member that was killed, and goes on where it had committed', async () => {
    await group.produce(40)
    const killed = await group.join({ orderlyListener: () => new Promise(() => undefined) })
    await group.until(() => group.consumed.length === 4)
    await killed.client.close()
    const next = await group.join(inOrder)

    await cluster.clock.advance(30_000)
    expect(group.consumed).toHaveLength(4)
    expect(next.consumer.balanced).toBe(false)
    await group.drained(40_000)

    for (const { queueId } of group.queues) expect(offsetsOf(queueId, next)).toEqual(upTo(10))
    await next.leave()
  })
})

/** A member that hands on, as printing does: what became of a message is known a while later, if the process runs. */
async function handingOn(): Promise<Member & { readonly freezer: Freezer; readonly current: () => boolean[] }> {
  const freezer = new Freezer(cluster.clock, cluster.connect)
  const contexts: ConsumeOrderlyContext[] = []
  const member = await group.join({
    client: cluster.client(freezer),
    orderlyListener: (_, context) => {
      contexts.push(context)
      freezer.clock.after(40, () => {
        context.acknowledge('SUCCESS')
      })
      return 'ACKNOWLEDGE_LATER' as const
    },
  })
  return { ...member, freezer, current: () => contexts.map(({ isCurrent }) => isCurrent) }
}

describe('a member that hands on in order and acknowledges later', () => {
  it('consumes each queue in order and stores what was acknowledged, also when it leaves or another joins', async () => {
    const first = await handingOn()
    await group.produce(400)
    await group.drained()
    const second = await handingOn()
    for (let i = 0; i < 20; i++) {
      await group.produce(20)
      await cluster.clock.advance(100)
    }
    await group.drained()
    await Promise.all([first.leave(), second.leave(), cluster.clock.advance(2000)])

    expect(group.duplicates).toBe(0)
    for (const { queueId } of group.queues) expect(offsetsOf(queueId)).toEqual(upTo(200))
    expect(await group.committed()).toEqual(await group.ends())
  })

  it('and is stopped past the expiry of its locks counts nothing of what it had handed on', async () => {
    await group.produce(400)
    const member = await handingOn()
    await group.until(() => group.consumed.length === 400, 10_000, 10)
    member.freezer.freeze()
    await cluster.clock.advance(1000)
    const other = await group.join({ orderlyListener: () => new Promise(() => undefined) })
    await cluster.clock.advance(70_000)
    const taken = group.owned(other)
    expect(taken).toHaveLength(2)
    const committed = await group.committed()
    const from = group.consumed.length

    member.freezer.thaw()
    const current = member.current()
    await cluster.clock.advance(500)

    expect(current).not.toContain(true)
    expect(group.consumed.slice(from).filter(({ queueId }) => taken.includes(queueId))).toEqual([])
    const now = await group.committed()
    for (const queueId of taken) expect(now[queueId]).toBe(committed[queueId])
    await other.client.close()
  })
})

describe('a message that fails in order', () => {
  it('goes to the dead letters at once after its last attempt, and the rest of the queue goes on', async () => {
    await group.produce(8)
    const member = await group.join({
      maxReconsumeTimes: 2,
      orderlyListener: ([first]) => (first?.body.toString() === '3' ? 'SUSPEND_CURRENT_QUEUE_A_MOMENT' : 'SUCCESS'),
    })
    await group.drained()
    const { remoting } = member.client

    expect(await deadLetters(remoting, cluster.broker.address, group.group)).toEqual([{ body: '3', reconsumeTimes: 3 }])
    expect(group.consumed.filter(({ body }) => body === '3').map(({ reconsumeTimes }) => reconsumeTimes)).toEqual([
      0, 1, 2,
    ])
    await member.leave()
  })
})

describe('a consumer', () => {
  it('needs one listener, of one kind', async () => {
    const listener = () => 'CONSUME_SUCCESS' as const
    const parts = { group: 'g', subscriptions: [{ topic: 'orders' }] }

    expect(() => new PushConsumer(cluster.client(), parts)).toThrow('needs either listener or orderlyListener')
    expect(() => new PushConsumer(cluster.client(), { ...parts, ...inOrder, listener })).toThrow(UsageError)
  })
})

describe('a member that was stopped', () => {
  it('for less than its lock lives goes on', async () => {
    const member = await freezable(20)
    await group.produce(400)
    await cluster.clock.advance(1000)
    member.freezer.freeze()
    await cluster.clock.advance(25_000)
    member.freezer.thaw()

    await group.drained()

    expect(group.duplicates).toBe(0)
    await Promise.all([member.leave(), cluster.clock.advance(2000)])
  })

  it('for longer than 30 s, but not 60 s, goes on when its locks were renewed, and not before', async () => {
    const member = await freezable(20)
    await group.produce(400)
    await cluster.clock.advance(2000)
    member.freezer.freeze()
    await cluster.clock.advance(33_000)
    const before = group.consumed.length
    cluster.refuseConnections(true)
    member.freezer.thaw()
    await cluster.clock.advance(10_000)
    expect(group.consumed).toHaveLength(before)
    cluster.refuseConnections(false)

    await group.drained()

    expect(group.duplicates).toBe(0)
    await Promise.all([member.leave(), cluster.clock.advance(2000)])
  })

  it.each([70_000, 130_000])('for %d ms takes no step with what it had: not one call, no offset', async (stoppedMs) => {
    const signals: AbortSignal[] = []
    const member = await freezable(20, (context) => signals.push(context.signal))
    await group.produce(4000)
    await cluster.clock.advance(7000)
    member.freezer.freeze()
    const last = signals.slice(-4)
    await cluster.clock.advance(1000)
    const other = await group.join(inOrder)
    await cluster.clock.advance(stoppedMs - 1000)
    const from = group.consumed.length
    const committed = await group.committed()

    member.freezer.thaw()
    await cluster.clock.advance(500)
    const stale = group.consumed.slice(from).filter((each) => each.member === member.name)
    const beyond = new Set(
      group.consumed
        .slice(0, from)
        .flatMap(({ member: name, queueId, offset }) => (name === other.name ? [`${queueId}:${offset}`] : [])),
    )
    expect(stale.filter(({ queueId, offset }) => beyond.has(`${queueId}:${offset}`))).toEqual([])
    for (const [queueId, offset] of (await group.committed()).entries()) {
      expect(offset ?? 0).toBeGreaterThanOrEqual(committed[queueId] ?? 0)
    }
    expect(last.every(({ aborted }) => aborted)).toBe(true)

    await group.drained()
    for (const { queueId } of group.queues) {
      const firsts = [...new Set(offsetsOf(queueId))]
      expect(firsts).toEqual(upTo(1000))
    }
    await Promise.all([member.leave(), other.leave(), cluster.clock.advance(2000)])
  })
})
