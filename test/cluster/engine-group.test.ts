import { afterEach, expect, test, vi } from 'vitest'
import { AllocateMessageQueueAveragely } from '../../src/core/consumer/index.ts'
import { queueName } from '../../src/core/protocol/index.ts'
import { OurMember, produceBodies } from '../support/cluster/our-member.ts'
import { createTopic, describeCluster, type JavaPeer, unique } from '../support/cluster.ts'

const QUEUES = 8
const all = Array.from({ length: QUEUES }, (_, id) => `broker-a:${id}`)

/** What Java gives each of these clients of a topic with 8 queues on one broker. */
function javaShares(clientIds: readonly string[]): string[][] {
  const queues = all.map((_, queueId) => ({ topic: 'T', brokerName: 'broker-a', queueId }))
  const sorted = [...clientIds].sort()
  return clientIds.map((clientId) =>
    AllocateMessageQueueAveragely.allocate({ group: 'g', clientId, queues, clientIds: sorted }).map(queueName),
  )
}

const clientOf = (peer: JavaPeer): string => {
  const started = peer.events.find(({ event }) => event === 'started')
  return started !== undefined && 'client' in started ? (started.client ?? '') : ''
}

describeCluster('a consumer of ours among Java consumers', (cluster) => {
  const open: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((close) => close()))
  })

  const ours = async (topic: string, group: string): Promise<OurMember> => {
    const member = await OurMember.join(cluster, { topic, group })
    open.push(() => member.leave())
    return member
  }

  const java = async (topic: string, group: string): Promise<JavaPeer> => {
    const peer = await cluster.java('push', ['--topic', topic, '--group', group, '--from', 'first'])
    open.push(() => peer.kill())
    await peer.until(() => clientOf(peer) !== '')
    return peer
  }

  test('they share the queues as the Java algorithm says: none has two owners or none, after each join and leave', async () => {
    const [topic, group] = [unique('topic'), unique('group')]
    await createTopic(cluster, topic, QUEUES)
    const mine = await ours(topic, group)
    await vi.waitFor(() => expect(mine.owned).toEqual(all), { timeout: 60_000 })

    const [first, second] = await Promise.all([java(topic, group), java(topic, group)])
    const shares = () => [mine.owned, [...first.owned(topic)], [...second.owned(topic)]]
    await vi.waitFor(() => expect(shares()).toEqual(javaShares([mine.clientId, clientOf(first), clientOf(second)])), {
      timeout: 45_000,
      interval: 100,
    })
    expect(shares().flat().sort()).toEqual(all)

    const bodies = Array.from({ length: 240 }, (_, number) => `before-${number}`)
    await produceBodies(cluster, topic, bodies)
    const consumed = () => [mine, first, second].flatMap(({ messages }) => messages.map(({ body }) => body))
    await vi.waitFor(() => expect(consumed().length).toBeGreaterThanOrEqual(240), { timeout: 20_000 })
    await mine.untilCommitted()
    expect(consumed().sort()).toEqual([...bodies].sort())

    await first.stop()
    await vi.waitFor(
      () => expect([mine.owned, [...second.owned(topic)]]).toEqual(javaShares([mine.clientId, clientOf(second)])),
      {
        timeout: 45_000,
        interval: 100,
      },
    )
    await second.kill()
    await vi.waitFor(() => expect(mine.owned).toEqual(all), { timeout: 60_000 })
    await produceBodies(cluster, topic, ['after'])
    await vi.waitFor(() => expect(mine.messages.at(-1)?.body).toBe('after'), { timeout: 60_000 })
  })

  test('a Java consumer takes over what ours has left, at the offset ours has stored', async () => {
    const [topic, group] = [unique('topic'), unique('group')]
    await createTopic(cluster, topic, QUEUES)
    const mine = await ours(topic, group)
    await produceBodies(
      cluster,
      topic,
      Array.from({ length: 80 }, (_, number) => `ours-${number}`),
    )
    await vi.waitFor(() => expect(mine.messages).toHaveLength(80), { timeout: 60_000 })
    await mine.leave()
    open.length = 0

    const peer = await java(topic, group)
    await produceBodies(
      cluster,
      topic,
      Array.from({ length: 40 }, (_, number) => `java-${number}`),
    )
    await peer.until(() => peer.messages.length >= 40)

    expect(peer.messages.map(({ body }) => body).filter((body) => body.startsWith('ours'))).toEqual([])
    expect(peer.messages).toHaveLength(40)
  })
})

describeCluster('mqadmin', (cluster) => {
  test('shows our consumer: its connection, its lag and owners, and what it is doing', async () => {
    const [topic, group] = [unique('topic'), unique('group')]
    await createTopic(cluster, topic, QUEUES)
    const mine = await OurMember.join(cluster, { topic, group, tags: 'a || b', concurrency: 7 })
    await produceBodies(cluster, topic, ['one', 'two', 'three'], { tags: 'a' })
    await vi.waitFor(() => expect([mine.owned, mine.messages.length]).toEqual([all, 3]), { timeout: 60_000 })
    await mine.untilCommitted()

    const [connection, progress, status] = await Promise.all([
      cluster.mqadmin(['consumerConnection', '-g', group]),
      cluster.mqadmin(['consumerProgress', '-g', group, '-s', 'true']),
      cluster.mqadmin(['consumerStatus', '-g', group, '-i', mine.clientId]),
    ])
    await mine.leave()

    expect(connection.stdout).toMatch(new RegExp(`^${mine.clientId} +127\\.0\\.0\\.1:\\d+ `, 'm'))
    expect(connection.stdout).toMatch(new RegExp(`^${topic} +a \\|\\| b$`, 'm'))
    expect(connection.stdout).toContain('ConsumeFromWhere: CONSUME_FROM_FIRST_OFFSET')
    // Topic, broker, queue, end, committed, owner: each queue ours, and nothing left in any.
    const rows = progress.stdout.split('\n').filter((line) => line.startsWith(topic))
    expect(rows).toHaveLength(QUEUES)
    for (const [queueId, row] of rows.entries()) {
      const [, broker, id, end, committed, owner, difference] = row.split(/ +/)
      expect([broker, id, committed, owner, difference]).toEqual(['broker-a', String(queueId), end, '127.0.0.1', '0'])
    }
    // 5.x says `Consume Diff Total`.
    expect(progress.stdout).toContain('Diff Total: 0')
    for (const [name, value] of [
      ['PROP_CONSUME_TYPE', 'CONSUME_PASSIVELY'],
      ['PROP_CONSUMEORDERLY', 'false'],
      ['PROP_THREADPOOL_CORE_SIZE', '7'],
      ['consumerGroup', group],
    ] as const) {
      expect(status.stdout).toMatch(new RegExp(`^${name} +: ${value}$`, 'm'))
    }
    expect(status.stdout).toMatch(new RegExp(`Topic: ${topic} .*SubExpression: a \\|\\| b$`, 'm'))
    expect(status.stdout.match(/ProcessQueueInfo \[commitOffset=/g)).toHaveLength(QUEUES + 1)
    expect(status.stdout).not.toContain('droped=true')
  })
})
