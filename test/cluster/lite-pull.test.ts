import { expect, onTestFinished, test, vi } from 'vitest'
import { LitePullConsumer, type LitePullConsumerParts } from '../../src/core/consumer/index.ts'
import type { MessageExt } from '../../src/core/protocol/index.ts'
import { clusterClient } from '../support/cluster/client.ts'
import { produceBodies } from '../support/cluster/our-member.ts'
import { createTopic, describeCluster, unique } from '../support/cluster.ts'

const QUEUES = 4

describeCluster('a consumer that polls', (cluster) => {
  const queue = (topic: string, queueId: number) => ({ topic, brokerName: 'broker-a', queueId })
  const texts = (name: string, count: number) => Array.from({ length: count }, (_, number) => `${name}-${number}`)
  const bodiesOf = (messages: readonly MessageExt[]) => messages.map(({ body }) => body.toString()).sort()

  function build(parts: LitePullConsumerParts): LitePullConsumer {
    const client = clusterClient(cluster)
    const consumer = new LitePullConsumer(client, { consumeFromWhere: { from: 'first' }, ...parts })
    onTestFinished(async () => {
      await consumer.close()
      await client.close()
    })
    return consumer
  }

  async function start(topic: string, group: string, parts: Partial<LitePullConsumerParts> = {}) {
    const consumer = build({ group, ...parts })
    consumer.subscribe({ topic })
    await consumer.start()
    return consumer
  }

  /** Polls until so many messages have come. */
  async function poll(consumer: LitePullConsumer, count: number): Promise<MessageExt[]> {
    const all: MessageExt[] = []
    const deadline = Date.now() + 40_000
    while (all.length < count && Date.now() < deadline) all.push(...(await consumer.poll(500)))
    return all
  }

  test('has its queues at once, gets every message once, and a Java consumer goes on where it has committed', async () => {
    const [topic, group] = [unique('topic'), unique('group')]
    await createTopic(cluster, topic, QUEUES)
    await produceBodies(cluster, topic, texts('a', 40))
    const begun = Date.now()
    const consumer = await start(topic, group)
    await vi.waitUntil(() => consumer.assignment.length === QUEUES, { timeout: 5000, interval: 10 })
    const took = Date.now() - begun

    expect(bodiesOf(await poll(consumer, 40))).toEqual(texts('a', 40).sort())
    await consumer.commit()
    for (let id = 0; id < QUEUES; id++) expect(await consumer.committed(queue(topic, id))).toBe(10)
    await consumer.close()
    // Java: 1 s at best, and 31 s.
    expect(took).toBeLessThan(5000)

    await produceBodies(cluster, topic, texts('b', 8))
    const peer = await cluster.java('lite', ['--group', group, '--topic', topic, '--from', 'first'])
    onTestFinished(() => peer.kill())
    await peer.until(() => peer.messages.length === 8, 60_000)
    await peer.stop()
    expect(peer.messages.map(({ body }) => body).sort()).toEqual(texts('b', 8))

    await produceBodies(cluster, topic, texts('c', 8))
    const next = await start(topic, group)
    expect(bodiesOf(await poll(next, 8))).toEqual(texts('c', 8))
  })

  test('shares a topic with a Java consumer that polls: every message comes to one of them', async () => {
    const [topic, group] = [unique('topic'), unique('group')]
    await createTopic(cluster, topic, QUEUES)
    const consumer = await start(topic, group)
    const peer = await cluster.java('lite', ['--group', group, '--topic', topic, '--from', 'first'])
    onTestFinished(() => peer.kill())
    // Java's hears of its share with its first heartbeat, or up to 31 s later.
    await peer.until(() => peer.owned(topic).length === QUEUES / 2, 60_000)
    await vi.waitUntil(() => consumer.assignment.length === QUEUES / 2, { timeout: 30_000 })
    const ids = consumer.assignment.map(({ queueId }) => `broker-a:${queueId}`)
    expect([...ids, ...peer.owned(topic)].sort()).toEqual(['broker-a:0', 'broker-a:1', 'broker-a:2', 'broker-a:3'])

    await produceBodies(cluster, topic, texts('a', 40))
    const ours = await poll(consumer, 20)
    await peer.until(() => peer.messages.length === 20)

    expect([...bodiesOf(ours), ...peer.messages.map(({ body }) => body)].sort()).toEqual(texts('a', 40).sort())
  })

  test('reads queues assigned to it beside a group that consumes them, seeks, and finds a time', async () => {
    const [topic, group] = [unique('topic'), unique('group')]
    await createTopic(cluster, topic, QUEUES)
    const member = await start(topic, group)
    await vi.waitUntil(() => member.assignment.length === QUEUES, { timeout: 20_000 })
    await produceBodies(cluster, topic, texts('early', 8))
    const pause = Date.now() + 1000
    await vi.waitUntil(() => Date.now() > pause, { timeout: 5000 })
    const time = Date.now()
    await produceBodies(cluster, topic, texts('late', 8))

    const consumer = build({ group, autoCommit: false })
    consumer.assign([queue(topic, 1), queue(topic, 2)])
    await consumer.start()
    expect(await poll(consumer, 8)).toHaveLength(8)
    expect(await consumer.offsetForTimestamp(queue(topic, 1), time)).toBe(2)
    await consumer.seek(queue(topic, 1), 3)
    await consumer.seekToEnd(queue(topic, 2))
    expect((await poll(consumer, 1)).map(({ queueId, queueOffset }) => [queueId, queueOffset])).toEqual([[1, 3]])
    await consumer.seekToBegin(queue(topic, 2))
    expect((await poll(consumer, 4)).map(({ queueId }) => queueId)).toEqual([2, 2, 2, 2])
    await expect(consumer.seek(queue(topic, 2), 5)).rejects.toThrow('it goes from 0 to 4')

    expect(member.assignment).toHaveLength(QUEUES)
    expect(await poll(member, 16)).toHaveLength(16)
  })

  test('goes on where mqadmin sets its group while it polls', async () => {
    const [topic, group] = [unique('topic'), unique('group')]
    await createTopic(cluster, topic, 1)
    await produceBodies(cluster, topic, texts('a', 6))
    const consumer = await start(topic, group)
    await poll(consumer, 6)
    await consumer.commit()

    const { stdout, stderr } = await cluster.mqadmin(['resetOffsetByTime', '-g', group, '-t', topic, '-s', '0'])
    expect(stdout + stderr).toMatch(/broker-a\s+0\s+0/)
    // A broker answers a pull that it holds only when its time is over.
    expect((await poll(consumer, 6)).map(({ queueOffset }) => queueOffset)).toEqual([0, 1, 2, 3, 4, 5])
    await consumer.commit()
    expect(await consumer.committed(queue(topic, 0))).toBe(6)
  })
})
