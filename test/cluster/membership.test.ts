import { afterEach, expect, test, vi } from 'vitest'
import { operations, readHeader, tagSubscription } from '../../src/core/protocol/index.ts'
import type { RemotingClient } from '../../src/core/remoting/index.ts'
import { type Cluster, createTopic, describeCluster, remotingClient, unique } from '../support/cluster.ts'

/** A client that says it is a member of a group and remembers which changes of membership it was told. */
class Member {
  readonly clientId = unique('member')
  readonly told: string[] = []
  readonly client: RemotingClient
  readonly #broker: string

  constructor(cluster: Cluster) {
    this.#broker = cluster.brokerAddress
    this.client = remotingClient({
      onRequest: (request) => {
        const { code, request: header } = operations.notifyConsumerIdsChanged
        if (request.code === code) this.told.push(readHeader(header, request.extFields).consumerGroup)
      },
    })
  }

  async join(group: string, topic: string): Promise<void> {
    await this.client.invoke(this.#broker, 'heartBeat', {
      body: {
        clientID: this.clientId,
        consumerDataSet: [
          {
            groupName: group,
            consumeType: 'CONSUME_PASSIVELY',
            messageModel: 'CLUSTERING',
            consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
            subscriptionDataSet: [tagSubscription(topic, '*', 1)],
            unitMode: false,
          },
        ],
        heartbeatFingerprint: 0,
        producerDataSet: [],
        withoutSub: false,
      },
    })
  }

  async leave(group: string): Promise<void> {
    await this.client.invoke(this.#broker, 'unregisterClient', { clientID: this.clientId, consumerGroup: group })
  }

  async members(group: string): Promise<readonly string[]> {
    const { body } = await this.client.invoke(this.#broker, 'getConsumerListByGroup', { consumerGroup: group })
    return [...body.consumerIdList].sort()
  }
}

describeCluster('membership of a group', (cluster) => {
  const open: Member[] = []
  afterEach(() => {
    for (const member of open.splice(0)) member.client.close()
  })

  const member = (): Member => {
    const joined = new Member(cluster)
    open.push(joined)
    return joined
  }

  test('two that sent a heartbeat are both listed, and the first is told of the second', async () => {
    const [group, topic] = [unique('group'), unique('topic')]
    await createTopic(cluster, topic)
    const [first, second] = [member(), member()]

    await first.join(group, topic)
    await second.join(group, topic)

    expect(await first.members(group)).toEqual([first.clientId, second.clientId].sort())
    await vi.waitFor(
      () => {
        expect(first.told).toContain(group)
      },
      { timeout: 60_000 },
    )
  })

  test.each(['unregisters', 'loses its connection'] as const)(
    'one that %s is gone, and the other is told',
    async (how) => {
      const [group, topic] = [unique('group'), unique('topic')]
      await createTopic(cluster, topic)
      const [stays, goes] = [member(), member()]
      await stays.join(group, topic)
      await goes.join(group, topic)
      await vi.waitFor(() => {
        expect(stays.told).toContain(group)
      }, 60_000)
      stays.told.length = 0

      if (how === 'unregisters') await goes.leave(group)
      else goes.client.close()

      await vi.waitFor(async () => {
        expect(await stays.members(group)).toEqual([stays.clientId])
        expect(stays.told).toContain(group)
      }, 60_000)
    },
  )
})
