import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { ConsumeFromWhere } from '../../src/core/consumer/index.ts'
import { clusterClient, clusterProducer } from '../support/cluster/client.ts'
import { OurMember, produceBodies } from '../support/cluster/our-member.ts'
import { type Cluster, createTopic, describeCluster, remotingClient, startCluster, unique } from '../support/cluster.ts'

const QUEUES = 2

interface Place {
  readonly queue: number
  readonly offset: number
}

/** The lowest offset of each queue, once there is one of each. */
function firstOffsets(messages: readonly Place[]): number[] | undefined {
  const lowest = Array.from({ length: QUEUES }, (_, id) =>
    Math.min(...messages.filter(({ queue }) => queue === id).map(({ offset }) => offset)),
  )
  return lowest.every(Number.isFinite) ? lowest : undefined
}

/** A time as Java clients are given it. */
function javaTime(time: Date): string {
  const parts = [time.getMonth() + 1, time.getDate(), time.getHours(), time.getMinutes(), time.getSeconds()]
  return `${time.getFullYear()}${parts.map((part) => String(part).padStart(2, '0')).join('')}`
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describeCluster('a broker of our own', ({ version }) => {
  let cluster: Cluster
  const open: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    // Small log files, of which all but the newest may go as soon as somebody asks.
    const settings = { mappedFileSizeCommitLog: String(128 * 1024), fileReservedTime: '0', deleteWhen: '99' }
    cluster = await startCluster({ version, settings })
  })

  afterEach(async () => {
    await Promise.all(open.splice(0).map((close) => close()))
  })

  afterAll(() => cluster.stop())

  /** Where our consumer begins; `meanwhile` happens once it has its queues. */
  async function ours(topic: string, from: ConsumeFromWhere, meanwhile?: () => Promise<void>): Promise<number[]> {
    const member = await OurMember.join(cluster, { topic, group: unique('ours'), consumeFromWhere: from })
    open.push(() => member.leave())
    await vi.waitFor(() => expect(member.owned).toHaveLength(QUEUES), { timeout: 10_000 })
    await meanwhile?.()
    return vi.waitUntil(() => firstOffsets(member.messages), { timeout: 20_000 })
  }

  /** Where a Java consumer begins. */
  async function java(topic: string, from: string, meanwhile?: () => Promise<void>): Promise<number[]> {
    const peer = await cluster.java('push', ['--topic', topic, '--group', unique('java'), '--from', from])
    open.push(() => peer.stop())
    await peer.until(() => peer.owned(topic).length === QUEUES, 60_000)
    await meanwhile?.()
    await peer.until(() => firstOffsets(peer.messages) !== undefined, 30_000)
    return firstOffsets(peer.messages) ?? []
  }

  /** A topic whose first messages are gone, and a time in the middle of what is left. */
  async function agedTopic(): Promise<{ readonly topic: string; readonly middle: Date }> {
    const topic = unique('aged')
    await createTopic(cluster, topic, QUEUES)
    const client = clusterClient(cluster)
    const producer = clusterProducer(client)
    const send = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) await producer.send({ topic, body: Buffer.alloc(1024, 'x') })
    }
    await send(400)
    await cluster.mqadmin(['deleteExpiredCommitLog', '-b', cluster.brokerAddress])
    await pause(2100)
    // Times of Java are whole seconds; this one is nearer to what comes than to what was.
    const middle = new Date(Math.floor(Date.now() / 1000) * 1000)
    await send(20)
    const queues = (await client.routes.get(topic))?.subscribeQueues ?? []
    // Brokers look after their files for the first time a minute after they have started.
    await vi.waitFor(
      async () => {
        for (const queue of queues) expect(await client.queueOffsets.min(queue)).toBeGreaterThan(0)
      },
      { timeout: 100_000, interval: 500 },
    )
    await producer.close()
    await client.close()
    return { topic, middle }
  }

  /** One message more in each queue. */
  async function oneMore(topic: string): Promise<void> {
    // Java begins to pull half a second after it has taken a queue; where it begins it has asked before.
    await pause(1500)
    await produceBodies(cluster, topic, ['one', 'more'])
  }

  test('a new group begins where a Java group begins: first, last and by time, with the first messages there or gone', async () => {
    const { topic: aged, middle } = await agedTopic()
    const young = unique('young')
    await createTopic(cluster, young, QUEUES)
    await produceBodies(cluster, young, ['a', 'b', 'c', 'd'])
    const byTime: ConsumeFromWhere = { from: 'timestamp', timestamp: middle.getTime() }

    for (const topic of [young, aged]) {
      const [javaFirst, javaByTime, oursFirst, oursByTime] = await Promise.all([
        java(topic, 'first'),
        java(topic, javaTime(middle)),
        ours(topic, { from: 'first' }),
        ours(topic, byTime),
      ])
      expect([oursFirst, oursByTime]).toEqual([javaFirst, javaByTime])
      if (topic === young) expect(oursFirst).toEqual([0, 0])
      else expect(oursByTime[0]).toBeGreaterThan(oursFirst[0] ?? 0)
    }
    // A young topic is begun at its start, whatever is asked for: Java's brokers say so.
    expect(await ours(young, { from: 'last' })).toEqual(await java(young, 'last'))
    const atEnd = await ours(aged, { from: 'last' }, () => oneMore(aged))
    const theirs = await java(aged, 'last', () => oneMore(aged))
    expect(theirs).toEqual(atEnd.map((offset) => offset + 1))
  }, 240_000)

  test('a consumer goes on by itself after its broker was stopped or killed, and nothing is lost or comes twice', async () => {
    const [topic, group] = [unique('topic'), unique('group')]
    await createTopic(cluster, topic, QUEUES)
    const member = await OurMember.join(cluster, { topic, group })
    open.push(() => member.leave())
    const bodies: string[] = []
    for (const stop of [() => cluster.stopBroker(), () => cluster.killBroker()]) {
      const before = Array.from({ length: 100 }, (_, number) => `${bodies.length + number}`)
      bodies.push(...before)
      await produceBodies(cluster, topic, before)
      await vi.waitFor(() => expect(member.messages).toHaveLength(bodies.length), { timeout: 10_000 })
      await stop()
      await cluster.startBroker()
      const back = Date.now()
      bodies.push('back')
      await produceBodies(cluster, topic, ['back'])
      await vi.waitFor(() => expect(member.messages).toHaveLength(bodies.length), { timeout: 10_000, interval: 20 })
      expect(Date.now() - back).toBeLessThan(5000)
    }

    expect(member.messages.map(({ body }) => body).sort()).toEqual(bodies.sort())
  })

  test('of two consumers the first to be back after their broker was killed leaves the other its queues: nothing comes twice', async () => {
    const [topic, group] = [unique('topic'), unique('group')]
    await createTopic(cluster, topic, QUEUES)
    const members = [await OurMember.join(cluster, { topic, group }), await OurMember.join(cluster, { topic, group })]
    for (const member of members) open.push(() => member.leave())
    const owned = () => members.map((member) => member.owned)
    await vi.waitFor(() => expect(owned().map(({ length }) => length)).toEqual([1, 1]), { timeout: 10_000 })
    const shares = owned()
    const bodies = Array.from({ length: 200 }, (_, number) => String(number))
    await produceBodies(cluster, topic, bodies)
    const consumed = () => members.flatMap(({ messages }) => messages.map(({ body }) => body))
    await vi.waitFor(() => expect(consumed()).toHaveLength(bodies.length), { timeout: 10_000 })

    await cluster.killBroker()
    await cluster.startBroker()
    const observer = remotingClient()
    open.push(() => {
      observer.close()
      return Promise.resolve()
    })
    await vi.waitFor(
      async () => {
        const { body } = await observer.invoke(cluster.brokerAddress, 'getConsumerListByGroup', {
          consumerGroup: group,
        })
        expect(body.consumerIdList).toHaveLength(2)
      },
      { timeout: 30_000, interval: 100 },
    )
    await produceBodies(cluster, topic, ['back', 'again'])
    await vi.waitFor(() => expect(consumed()).toHaveLength(bodies.length + 2), { timeout: 10_000 })

    expect(consumed().sort()).toEqual([...bodies, 'back', 'again'].sort())
    expect(owned()).toEqual(shares)
  })
})
