import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { OurMember, produceBodies } from '../support/cluster/our-member.ts'
import { type Cluster, createTopic, describeCluster, remotingClient, startCluster, unique } from '../support/cluster.ts'

const QUEUES = 2

describeCluster('a broker of our own', ({ version }) => {
  let cluster: Cluster
  const open: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    cluster = await startCluster({ version })
  })

  afterEach(async () => {
    await Promise.all(open.splice(0).map((close) => close()))
  })

  afterAll(() => cluster.stop())

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
      await vi.waitFor(() => expect(member.messages).toHaveLength(bodies.length), { timeout: 60_000 })
      await stop()
      await cluster.startBroker()
      const back = Date.now()
      bodies.push('back')
      await produceBodies(cluster, topic, ['back'])
      await vi.waitFor(() => expect(member.messages).toHaveLength(bodies.length), { timeout: 60_000, interval: 20 })
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
    await vi.waitFor(() => expect(owned().map(({ length }) => length)).toEqual([1, 1]), { timeout: 60_000 })
    const shares = owned()
    const bodies = Array.from({ length: 200 }, (_, number) => String(number))
    await produceBodies(cluster, topic, bodies)
    const consumed = () => members.flatMap(({ messages }) => messages.map(({ body }) => body))
    await vi.waitFor(() => expect(consumed()).toHaveLength(bodies.length), { timeout: 60_000 })

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
    await vi.waitFor(() => expect(consumed()).toHaveLength(bodies.length + 2), { timeout: 60_000 })

    expect(consumed().sort()).toEqual([...bodies, 'back', 'again'].sort())
    expect(owned()).toEqual(shares)
  })
})
