import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ClientInstance } from '../../src/core/client/index.ts'
import { BrokerResponseError, NotFoundError } from '../../src/core/errors.ts'
import { type Producer, selectQueue } from '../../src/core/producer/index.ts'
import { decodeMessages, decodeOffsetMessageId, ResponseCode } from '../../src/core/protocol/index.ts'
import { clusterClient, clusterProducer } from '../support/cluster/client.ts'
import { createTopic, describeCluster, unique } from '../support/cluster.ts'

describeCluster('a producer', (cluster) => {
  let client: ClientInstance
  let producer: Producer
  let topic: string

  beforeEach(async () => {
    client = clusterClient(cluster)
    producer = clusterProducer(client)
    topic = unique('producing')
    await createTopic(cluster, topic)
  })

  afterEach(async () => {
    await producer.close()
    await client.close()
  })

  /** What a Java consumer hears of the topic. */
  const java = (group: string, of = topic) => cluster.java('push', ['--group', group, '--topic', of, '--from', 'first'])

  test('sends what a Java consumer reads: single messages, batches, and those of a namespace', async () => {
    const single = await producer.send({
      topic,
      body: Buffer.from('größe 数据'),
      tags: 'A',
      keys: ['k1', 'k2'],
      shardingKey: 'order-1',
      properties: new Map([['city', '北京']]),
    })
    const bodies = ['one', 'two', 'three', 'four']
    const batch = await producer.sendBatch(
      bodies.map((body, index) => ({ topic, body: Buffer.from(body), keys: [`k${index}`], tags: 'B' })),
    )
    const namespaced = clusterClient(cluster, { namespace: 'NS' })
    const inNamespace = clusterProducer(namespaced)
    await createTopic(cluster, `NS%${topic}`)
    await inNamespace.send({ topic, body: Buffer.from('elsewhere') })
    const peer = await java(unique('readers'), `${topic},NS%${topic}`)

    await peer.until(({ messages }) => messages.length === 6, 60_000)
    await peer.stop()

    const tagged = (tag: string) => peer.messages.filter(({ properties }) => properties['TAGS'] === tag)
    expect(tagged('A')).toMatchObject([
      {
        body: 'größe 数据',
        msgId: single.msgId,
        queue: single.queue.queueId,
        offset: single.queueOffset,
        properties: { KEYS: 'k1 k2', city: '北京', __SHARDINGKEY: 'order-1' },
      },
    ])
    const members = tagged('B').toSorted((one, other) => one.offset - other.offset)
    expect(
      members.map(({ body, queue, offset, msgId, properties }) => [body, queue, offset, msgId, properties['KEYS']]),
    ).toEqual(
      batch.map(({ queue, queueOffset, msgId }, index) => [
        bodies[index],
        queue.queueId,
        queueOffset,
        msgId,
        `k${index}`,
      ]),
    )
    expect(peer.messages.find(({ body }) => body === 'elsewhere')).toMatchObject({
      topic: `NS%${topic}`,
      properties: { INSTANCE_ID: 'NS' },
    })
    await inNamespace.close()
    await namespaced.close()
  })

  test('is told of each message of a batch where it is stored', async () => {
    const sent = await producer.sendBatch(
      ['k0', 'k1', 'k2'].map((key) => ({ topic, body: Buffer.from('x'), keys: [key] })),
    )

    const keys = sent.map(async ({ offsetMsgId }) => {
      const { commitLogOffset } = decodeOffsetMessageId(offsetMsgId)
      const request = { topic, offset: commitLogOffset }
      const { body } = await client.remoting.invoke(cluster.brokerAddress, 'viewMessageById', request)
      return decodeMessages(body)[0]?.keys
    })

    expect(await Promise.all(keys)).toEqual([['k0'], ['k1'], ['k2']])
  })

  test('delays a message by level', async () => {
    const peer = await java(unique('readers'))
    await peer.until(({ events }) => events.some(({ event }) => event === 'owns'), 60_000)
    const started = Date.now()

    await producer.send({ topic, body: Buffer.from('later'), delayLevel: 3 })
    await producer.send({ topic, body: Buffer.from('now') })
    await peer.until(({ messages }) => messages.length === 2, 60_000)

    const cameAfter = (body: string): number =>
      (peer.events.find((event) => event.event === 'message' && event.body === body)?.at ?? 0) - started
    // The harness makes level 3 three seconds long. How soon either comes is the reader's affair: it may have lost a pull.
    expect(cameAfter('later')).toBeGreaterThan(2500)
    expect(cameAfter('now')).toBeGreaterThanOrEqual(0)
    await peer.stop()
  })

  test('sends oneway, to a queue that is named', async () => {
    await producer.sendOneway({ topic, body: Buffer.from('x') }, { selector: selectQueue('broker-a', 2) })

    const queue = { topic, brokerName: 'broker-a', queueId: 2 }
    await vi.waitFor(async () => {
      expect(await client.queueOffsets.max(queue)).toBe(1)
    }, 60_000)
  })

  test('creates a topic by sending to it, and finds it from then on', async () => {
    const fresh = unique('fresh')

    const first = await producer.send({ topic: fresh, body: Buffer.from('x') })
    await vi.waitFor(async () => {
      expect((await client.routes.refresh(fresh))?.publishQueues).toHaveLength(4)
    }, 60_000)
    const second = await producer.send({ topic: fresh, body: Buffer.from('x') })

    expect(second.queue.queueId).toBe((first.queue.queueId + 1) % 4)
  })

  test('is refused what the broker does not take, in the words of the broker', async () => {
    const large = producer.send({ topic, body: Buffer.alloc(5 * 1024 * 1024, 'x') })

    const error: unknown = await large.catch((thrown: unknown) => thrown)

    expect(error).toBeInstanceOf(BrokerResponseError)
    expect(error).toMatchObject({ responseCode: ResponseCode.MESSAGE_ILLEGAL })
    expect((error as Error).message).toMatch(/sendMessageV2 with MESSAGE_ILLEGAL \(13\): .*body length limit 4194304B/)
    await expect(producer.send({ topic, body: Buffer.alloc(4_000_000, 'x') })).resolves.toMatchObject({
      status: 'SEND_OK',
    })
  })

  test('carries properties up to what the wire bears', async () => {
    const properties = new Map([['a', 'x'.repeat(32_000)]])
    const [sent] = await producer.sendBatch([{ topic, body: Buffer.from('x'), properties }])

    expect(sent?.status).toBe('SEND_OK')
    await expect(producer.send({ topic, body: Buffer.from('x'), properties })).resolves.toMatchObject({
      status: 'SEND_OK',
    })
  })

  test('says that there is no such queue', async () => {
    const sending = producer.send({ topic, body: Buffer.from('x') }, { selector: selectQueue('broker-a', 9) })

    await expect(sending).rejects.toBeInstanceOf(NotFoundError)
  })
})

describeCluster('searching by time', (cluster) => {
  test('finds the first message stored at or after it, whatever the version', async () => {
    const client = clusterClient(cluster)
    const producer = clusterProducer(client)
    const topic = unique('searching')
    await createTopic(cluster, topic, 1)
    const queue = { topic, brokerName: 'broker-a', queueId: 0 }
    const times: number[] = []
    for (let i = 0; i < 4; i++) {
      times.push(Date.now())
      await producer.send({ topic, body: Buffer.from(String(i)) })
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    times.push(Date.now())
    // The consume queue follows the commit log a moment later.
    await vi.waitFor(async () => {
      expect(await client.queueOffsets.max(queue)).toBe(4)
    }, 60_000)

    const found = await Promise.all(times.map((time) => client.queueOffsets.search(queue, time)))

    expect(found).toEqual([0, 1, 2, 3, 4])
    await producer.close()
    await client.close()
  })
})
