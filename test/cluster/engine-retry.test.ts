import { afterEach, expect, test, vi } from 'vitest'
import { OurMember, produceBodies } from '../support/cluster/our-member.ts'
import { createTopic, describeCluster, remotingClient, unique } from '../support/cluster.ts'
import { deadLetters } from '../support/dead-letters.ts'
import { messagesOf, Program } from '../support/program.ts'

describeCluster('messages that fail', (cluster) => {
  const remoting = remotingClient()
  const open: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((close) => close()))
  })

  const dead = (group: string) => deadLetters(remoting, cluster.brokerAddress, group)

  test('come 1 + N times with growing reconsumeTimes and delay, then once in the DLQ; the others come once', async () => {
    const [topic, group] = [unique('topic'), unique('group')]
    await createTopic(cluster, topic, 2)
    const member = await OurMember.join(cluster, {
      topic,
      group,
      maxReconsumeTimes: 2,
      listener: ([message]) => (message?.body.toString() === 'bad' ? 'RECONSUME_LATER' : 'CONSUME_SUCCESS'),
    })
    open.push(() => member.leave())
    await produceBodies(cluster, topic, ['good', 'bad', 'fine'])

    await vi.waitFor(async () => expect(await dead(group)).toHaveLength(1), { timeout: 30_000, interval: 200 })

    const bad = member.messages.filter(({ body }) => body === 'bad')
    expect(bad.map(({ topic: of, reconsumeTimes }) => [of, reconsumeTimes])).toEqual([
      [topic, 0],
      [`%RETRY%${group}`, 1],
      [`%RETRY%${group}`, 2],
    ])
    // The harness has seconds where RocketMQ has minutes: levels 3 and 4 are 3 and 4 s.
    const [first = 0, second = 0, third = 0] = bad.map(({ at }) => at)
    expect(second - first).toBeGreaterThanOrEqual(2900)
    expect(second - first).toBeLessThan(6000)
    expect(third - second).toBeGreaterThanOrEqual(3900)
    expect(await dead(group)).toEqual([{ body: 'bad', reconsumeTimes: 3 }])
    expect(member.messages.filter(({ body }) => body !== 'bad')).toHaveLength(2)
  })

  test('come to a Java member of the group as well, which counts them on', async () => {
    const [topic, group] = [unique('topic'), unique('group')]
    await createTopic(cluster, topic, 2)
    const member = await OurMember.join(cluster, { topic, group, listener: () => 'RECONSUME_LATER' })
    await produceBodies(cluster, topic, ['one', 'two', 'three', 'four'])
    await vi.waitFor(() => expect(member.messages).toHaveLength(4), { timeout: 60_000 })
    await member.leave()

    const peer = await cluster.java('push', ['--topic', topic, '--group', group, '--from', 'first'])
    open.push(() => peer.kill())
    await peer.until(() => peer.messages.length >= 4, 90_000)

    expect(peer.messages.map(({ body }) => body).sort()).toEqual(['four', 'one', 'three', 'two'])
    for (const { topic: of, reconsumeTimes } of peer.messages) expect([of, reconsumeTimes]).toEqual([topic, 1])
  })

  test('are not lost when their consumer is killed in between', async () => {
    const [topic, group] = [unique('topic'), unique('group')]
    await createTopic(cluster, topic, 4)
    const bodies = Array.from({ length: 40 }, (_, number) => String(number))
    await produceBodies(cluster, topic, bodies)
    const args = ['--namesrv', cluster.namesrv, '--topic', topic, '--group', group]
    const succeeded = new Set<string>()
    for (const deliveries of [10, 45]) {
      const killed = new Program('consumer', [...args, '--fail-times', '1', '--takes', '20'])
      await killed.until(() => messagesOf(killed).length >= deliveries, 30_000)
      await killed.kill()
      for (const { body, reconsumeTimes } of messagesOf(killed)) if (reconsumeTimes > 0) succeeded.add(body)
    }

    const last = new Program('consumer', args)
    open.push(() => last.kill())
    await vi.waitFor(
      async () => {
        for (const { body } of messagesOf(last)) succeeded.add(body)
        expect(succeeded.size).toBe(bodies.length)
        expect(await left(group)).toBe(0)
      },
      { timeout: 40_000, interval: 500 },
    )
    expect(await last.stop()).toBe(0)
  })

  /** How many messages of all its topics the group has not consumed yet. */
  async function left(group: string): Promise<number> {
    const { body } = await remoting.invoke(cluster.brokerAddress, 'getConsumeStats', { consumerGroup: group })
    return body.offsetTable.reduce(
      (sum, [, { brokerOffset, consumerOffset }]) => sum + brokerOffset - consumerOffset,
      0,
    )
  }
})
