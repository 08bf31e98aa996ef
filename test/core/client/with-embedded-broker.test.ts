import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ConsumeConcurrentlyContext, PushConsumer } from '../../../src/core/consumer/index.ts'
import type { MessageExt } from '../../../src/core/protocol/index.ts'
import { EmbeddedCluster } from '../../support/embedded-cluster.ts'

let cluster: EmbeddedCluster

beforeEach(async () => {
  cluster = await EmbeddedCluster.start()
})

afterEach(async () => {
  await cluster.close()
})

interface Heard {
  readonly topic: string
  readonly queueTopic: string
  readonly body: string
  readonly reconsumeTimes: number
}

function hear(heard: Heard[], messages: readonly MessageExt[], context: ConsumeConcurrentlyContext): void {
  for (const message of messages) {
    heard.push({
      topic: message.topic,
      queueTopic: context.messageQueue.topic,
      body: message.body.toString(),
      reconsumeTimes: message.reconsumeTimes,
    })
  }
}

/** Client ids of a group as the broker lists them, the group named as on the wire. */
async function members(group: string): Promise<readonly string[]> {
  const client = cluster.client()
  const { body } = await client.remoting.invoke(cluster.broker.address, 'getConsumerConnectionList', {
    consumerGroup: group,
  })
  return body.connectionSet.map((connection) => connection.clientId)
}

describe('a client with a namespace', () => {
  it('shows the user’s names everywhere while brokers only see those with the namespace, also on the way of a retry', async () => {
    const producer = cluster.producer(cluster.client({ namespace: 'NS' }))
    const client = cluster.client({ namespace: 'NS' })
    await producer.send({ topic: 'orders', body: Buffer.from('one') })
    const heard: Heard[] = []
    const consumer = new PushConsumer(client, {
      group: 'g',
      subscriptions: [{ topic: 'orders' }],
      consumeFromWhere: { from: 'first' },
      listener: (messages, context) => {
        hear(heard, messages, context)
        context.delayLevelWhenNextConsume = 1
        return heard.length === 1 ? 'RECONSUME_LATER' : 'CONSUME_SUCCESS'
      },
    })

    await consumer.start()
    await cluster.clock.advance(10_000)

    expect(heard).toEqual([
      { topic: 'orders', queueTopic: 'orders', body: 'one', reconsumeTimes: 0 },
      { topic: 'orders', queueTopic: '%RETRY%g', body: 'one', reconsumeTimes: 1 },
    ])
    expect(await members('NS%g')).toEqual([client.clientId])
    const { body } = await client.remoting.invoke(cluster.broker.address, 'getAllTopicConfig', {})
    const topics = [...body.topicConfigTable.keys()].filter((topic) => /orders|%g$/.test(topic)).sort()
    expect(topics).toEqual(['%RETRY%NS%g', 'NS%orders'])
    await consumer.close()
  })

  it('keeps its messages from clients of other namespaces and of none', async () => {
    for (const namespace of ['A', 'B', '']) {
      await cluster
        .producer(cluster.client({ namespace }))
        .send({ topic: 'orders', body: Buffer.from(namespace || '-') })
    }
    const heard: Heard[] = []
    const consumers = ['A', 'B', ''].map(
      (namespace) =>
        new PushConsumer(cluster.client({ namespace }), {
          group: 'g',
          subscriptions: [{ topic: 'orders' }],
          consumeFromWhere: { from: 'first' },
          listener: (messages, context) => {
            for (const message of messages) {
              expect(message.body.toString()).toBe(namespace || '-')
              expect(message.getProperty('INSTANCE_ID')).toBe(namespace || undefined)
            }
            hear(heard, messages, context)
            return 'CONSUME_SUCCESS'
          },
        }),
    )

    for (const consumer of consumers) await consumer.start()
    await cluster.clock.advance(2000)

    expect(heard.map(({ topic, body }) => [topic, body]).sort()).toEqual([
      ['orders', '-'],
      ['orders', 'A'],
      ['orders', 'B'],
    ])
    for (const consumer of consumers) await consumer.close()
  })
})

describe('a client of a broker that loses its connections', () => {
  it('is a member again within seconds and misses nothing', async () => {
    const producing = cluster.client()
    const producer = cluster.producer(producing)
    await producer.send({ topic: 'orders', body: Buffer.from('before') })
    const heard: Heard[] = []
    const client = cluster.client()
    const consumer = new PushConsumer(client, {
      group: 'g',
      subscriptions: [{ topic: 'orders' }],
      consumeFromWhere: { from: 'first' },
      listener: (messages, context) => {
        hear(heard, messages, context)
        return 'CONSUME_SUCCESS'
      },
    })
    await consumer.start()
    await cluster.clock.advance(2000)

    cluster.breakConnections()
    await cluster.clock.advance(3000)
    expect(await members('g')).toEqual([client.clientId])
    await producer.send({ topic: 'orders', body: Buffer.from('after') })
    await cluster.clock.advance(3000)

    expect(heard.map(({ body }) => body)).toEqual(['before', 'after'])
    await consumer.close()
  })
})

describe('producing to the embedded broker', () => {
  it('stores a batch in one queue, one message after another, and tells each where it is', async () => {
    const client = cluster.client()
    const producer = cluster.producer(client)
    const bodies = ['one', 'two', 'three']
    const results = await producer.sendBatch(
      bodies.map((body) => ({ topic: 'orders', body: Buffer.from(body), keys: [body] })),
    )

    const [first] = results
    expect(results.map((result) => result.queueOffset)).toEqual([0, 1, 2])
    expect(new Set(results.map((result) => result.queue.queueId)).size).toBe(1)
    expect(new Set(results.map((result) => result.offsetMsgId)).size).toBe(3)
    expect(await client.queueOffsets.max(first!.queue)).toBe(3)
  })
})
