import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { BrokerResponseError } from '../../src/core/errors.ts'
import { decodeMessages, encodeProperties } from '../../src/core/protocol/index.ts'
import type { RemotingClient } from '../../src/core/remoting/index.ts'
import { type Cluster, createTopic, describeCluster, remotingClient, unique } from '../support/cluster.ts'

interface Sent {
  readonly body: string
  readonly queueId: number
  readonly queueOffset: number
}

async function send(client: RemotingClient, cluster: Cluster, topic: string, body: string, queueId = 0): Promise<Sent> {
  const { outcome, queueOffset } = await client.invoke(cluster.brokerAddress, 'sendMessageV2', {
    producerGroup: 'operations-producer',
    topic,
    defaultTopic: 'TBW102',
    defaultTopicQueueNums: 4,
    queueId,
    sysFlag: 0,
    bornTimestamp: Date.now(),
    flag: 7,
    properties: encodeProperties(
      new Map([
        ['TAGS', 'red'],
        ['KEYS', 'k1 k2'],
      ]),
    ),
    reconsumeTimes: 0,
    unitMode: false,
    batch: false,
    body: Buffer.from(body),
  })
  expect(outcome).toBe('SEND_OK')
  // A broker answers before its queue has the message; a 4.9 one then takes the queue for empty.
  await vi.waitFor(async () => {
    const { offset } = await client.invoke(cluster.brokerAddress, 'getMaxOffset', { topic, queueId })
    expect(offset).toBeGreaterThan(queueOffset)
  }, 30_000)
  return { body, queueId, queueOffset }
}

describeCluster('topics and routes', (cluster) => {
  const client = remotingClient()
  afterAll(() => {
    client.close()
  })

  test('a created topic has its queues on the broker that has it', async () => {
    const topic = unique('created')

    await createTopic(cluster, topic, 6)
    const { body } = await client.invoke(cluster.namesrv, 'getRouteInfoByTopic', { topic })

    expect(body.queueDatas).toEqual([
      { brokerName: 'broker-a', perm: 6, readQueueNums: 6, writeQueueNums: 6, topicSysFlag: 0 },
    ])
    expect(body.brokerDatas).toEqual([
      { brokerName: 'broker-a', cluster: 'DefaultCluster', brokerAddrs: new Map([[0, cluster.brokerAddress]]) },
    ])
  })

  test('the route of a topic that does not exist is refused with TOPIC_NOT_EXIST', async () => {
    const asked = client.invoke(cluster.namesrv, 'getRouteInfoByTopic', { topic: unique('missing') })

    await expect(asked).rejects.toThrow(BrokerResponseError)
    await expect(asked).rejects.toMatchObject({ responseCode: 17, address: cluster.namesrv })
  })

  test('the name server lists the cluster and its broker', async () => {
    const { body } = await client.invoke(cluster.namesrv, 'getBrokerClusterInfo', {})

    expect(body.clusterAddrTable).toEqual(new Map([['DefaultCluster', ['broker-a']]]))
    expect(body.brokerAddrTable.get('broker-a')?.brokerAddrs).toEqual(new Map([[0, cluster.brokerAddress]]))
  })
})

describeCluster('sending and pulling', (cluster) => {
  const client = remotingClient()
  const topic = unique('pulled')
  beforeAll(() => createTopic(cluster, topic))
  afterAll(() => {
    client.close()
  })

  const pull = async (queueId: number, queueOffset: number, subscription = '*') =>
    client.invoke(cluster.brokerAddress, 'pullMessage', {
      consumerGroup: 'TOOLS_CONSUMER',
      topic,
      queueId,
      queueOffset,
      maxMsgNums: 32,
      // 4: the subscription comes with the request, so the group need not be online.
      sysFlag: 4,
      commitOffset: 0,
      suspendTimeoutMillis: 0,
      subscription,
      subVersion: 1,
      expressionType: 'TAG',
    })

  test('what was sent is pulled as it was sent, in the order of the queue', async () => {
    const sent = [await send(client, cluster, topic, 'first'), await send(client, cluster, topic, 'zweite Nachricht ✓')]

    const { outcome, body, nextBeginOffset, minOffset, maxOffset } = await pull(0, 0)

    const pulled = decodeMessages(body)
    expect(outcome).toBe('FOUND')
    expect(
      pulled.map((message) => ({
        body: message.body.toString(),
        queueId: message.queueId,
        queueOffset: message.queueOffset,
      })),
    ).toEqual(sent)
    expect(pulled[0]).toMatchObject({ topic, tags: 'red', keys: ['k1', 'k2'], flag: 7, bodyIntact: true })
    expect({ nextBeginOffset, minOffset, maxOffset }).toEqual({ nextBeginOffset: 2, minOffset: 0, maxOffset: 2 })
  })

  test('behind the end of a queue there is nothing new', async () => {
    await send(client, cluster, topic, 'only one', 1)

    expect(await pull(1, 1)).toMatchObject({ outcome: 'NO_NEW', nextBeginOffset: 1 })
  })

  test('messages with other tags are passed over', async () => {
    await send(client, cluster, topic, 'red', 2)

    expect(await pull(2, 0, 'blue')).toMatchObject({ outcome: 'NO_MATCHED', nextBeginOffset: 1 })
  })

  test('an offset behind the queue is corrected to its end', async () => {
    await send(client, cluster, topic, 'only one', 3)

    expect(await pull(3, 1000)).toMatchObject({ outcome: 'OFFSET_MOVED', nextBeginOffset: 1 })
  })
})

describeCluster('committed offsets', (cluster) => {
  const client = remotingClient()
  const topic = unique('committed')
  beforeAll(() => createTopic(cluster, topic))
  afterAll(() => {
    client.close()
  })

  test('an offset that was stored is read back, for its group and queue only', async () => {
    const group = await createGroup(unique('committer'))
    for (const body of ['a', 'b', 'c']) await send(client, cluster, topic, body)
    const queue = { consumerGroup: group, topic, queueId: 0 }

    await client.invoke(cluster.brokerAddress, 'updateConsumerOffset', { ...queue, commitOffset: 2 })

    expect(await client.invoke(cluster.brokerAddress, 'queryConsumerOffset', queue)).toMatchObject({
      outcome: 'FOUND',
      offset: 2,
    })
  })

  test('before anything is stored there is no offset; 4.9 says 0 while the queue has its first message', async () => {
    const group = await createGroup(unique('newcomer'))
    await send(client, cluster, topic, 'a', 1)
    const queue = { consumerGroup: group, topic, queueId: 1 }

    const answer = await client.invoke(cluster.brokerAddress, 'queryConsumerOffset', {
      ...queue,
      setZeroIfNotFound: false,
    })

    if (cluster.version.startsWith('4.')) expect(answer).toMatchObject({ outcome: 'FOUND', offset: 0 })
    else expect(answer.outcome).toBe('NOT_FOUND')
  })

  async function createGroup(groupName: string): Promise<string> {
    await client.invoke(cluster.brokerAddress, 'updateAndCreateSubscriptionGroup', {
      body: {
        groupName,
        attributes: new Map(),
        brokerId: 0,
        consumeBroadcastEnable: true,
        consumeEnable: true,
        consumeFromMinEnable: true,
        consumeMessageOrderly: false,
        consumeTimeoutMinute: 15,
        groupRetryPolicy: undefined,
        groupSysFlag: 0,
        subscriptionDataSet: undefined,
        notifyConsumerIdsChangedEnable: true,
        retryMaxTimes: 16,
        retryQueueNums: 1,
        whichBrokerWhenConsumeSlowly: 1,
      },
    })
    return groupName
  }
})
