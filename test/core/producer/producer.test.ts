import { beforeEach, describe, expect, it } from 'vitest'
import type { ClientInstance } from '../../../src/core/client/index.ts'
import { ConnectionError, NotFoundError, RefusedError, UsageError } from '../../../src/core/errors.ts'
import { Producer, type ProducerOptions, type QueueSelector, selectQueue } from '../../../src/core/producer/index.ts'
import { decodeBatch, decodeProperties, queueName, ResponseCode } from '../../../src/core/protocol/index.ts'
import { FakeCluster } from '../../support/fake-cluster.ts'
import { type FakePeer, FakeRefusal } from '../../support/fake-network.ts'
import { routeOf } from '../../support/fake-routes.ts'
import { EPOCH_MS } from '../../support/virtual-clock.ts'

let cluster: FakeCluster
let client: ClientInstance
let a: FakePeer
let b: FakePeer

beforeEach(() => {
  cluster = new FakeCluster()
  a = cluster.storingBroker('a:1')
  b = cluster.storingBroker('b:1')
  client = cluster.client()
})

function producerOf(options: Partial<ProducerOptions> = {}, of = client): Producer {
  return new Producer(of, { origin: { ip: '10.0.0.1', pid: 0, instance: 0 }, ...options })
}

const message = { topic: 'T', body: Buffer.from('hello') }

describe('sending', () => {
  it('says everything a broker wants to know, and what became of the message', async () => {
    cluster.place('T', 'a')
    const result = await producerOf({ group: 'p' }).send({ ...message, tags: 'A', flag: 7 })

    expect(a.requests('sendMessageV2')[0]).toMatchObject({
      producerGroup: 'p',
      topic: 'T',
      defaultTopic: 'TBW102',
      defaultTopicQueueNums: 4,
      queueId: 0,
      sysFlag: 0,
      bornTimestamp: EPOCH_MS,
      flag: 7,
      reconsumeTimes: 0,
      unitMode: false,
      batch: false,
      brokerName: 'a',
      body: Buffer.from('hello'),
    })
    const properties = decodeProperties(a.requests('sendMessageV2')[0]?.properties ?? '')
    expect(Object.fromEntries(properties)).toEqual({ TAGS: 'A', UNIQ_KEY: result.msgId, WAIT: 'true' })
    expect(result).toEqual({
      status: 'SEND_OK',
      msgId: expect.stringMatching(/^0A0000010000[0-9A-F]{20}$/) as string,
      offsetMsgId: 'OFFSET',
      queue: { topic: 'T', brokerName: 'a', queueId: 0 },
      queueOffset: 0,
    })
  })

  it('takes each queue in turn, beginning elsewhere in another process', async () => {
    cluster.place('T', 'a', 'b')
    const producer = producerOf()
    for (let i = 0; i < 5; i++) await producer.send(message)
    await producerOf({ origin: { ip: '10.0.0.1', pid: 1, instance: 1 } }).send(message)

    expect(a.requests('sendMessageV2').map((request) => request.queueId)).toEqual([0, 1, 0])
    expect(b.requests('sendMessageV2').map((request) => request.queueId)).toEqual([0, 1, 0])
  })

  it('keeps messages of one sharding key in one queue, unless a queue is named', async () => {
    cluster.place('T', 'a', 'b')
    const producer = producerOf()
    const keyed = { ...message, shardingKey: 'order-1' }
    await producer.send(keyed)
    await producer.send(keyed)
    const named = await producer.send(keyed, { selector: selectQueue('a', 1) })

    expect(b.requests('sendMessageV2').map((request) => request.queueId)).toEqual([0, 0])
    expect(decodeProperties(b.requests('sendMessageV2')[0]?.properties ?? '').get('__SHARDINGKEY')).toBe('order-1')
    expect(named.queue).toEqual({ topic: 'T', brokerName: 'a', queueId: 1 })
  })

  it('asks a selector of your own with the queues that can be written, in order, and the message', async () => {
    cluster.place('T', 'b', 'a')
    const asked: string[] = []
    const byRegion: QueueSelector = (queues, { properties }) => {
      asked.push(queues.map(queueName).join(' '))
      return queues[properties?.get('region') === 'eu' ? 3 : 0]
    }
    const producer = producerOf()
    const european = { ...message, properties: new Map([['region', 'eu']]) }

    const sent = await producer.send(european, { selector: byRegion })
    const batch = await producer.sendBatch([message, european], { selector: byRegion })

    expect(asked).toEqual(['a:0 a:1 b:0 b:1', 'a:0 a:1 b:0 b:1'])
    expect(queueName(sent.queue)).toBe('b:1')
    expect(batch.map(({ queue }) => queueName(queue))).toEqual(['a:0', 'a:0'])
  })

  it('sends nothing where a selector of your own fails or invents a queue', async () => {
    cluster.place('T', 'a')
    const producer = producerOf()
    const failing = producer.send(message, {
      selector: () => {
        throw new RangeError('no idea')
      },
    })
    const inventing = producer.send(message, { selector: () => ({ topic: 'U', brokerName: 'a', queueId: 0 }) })

    await expect(failing).rejects.toThrow(RangeError)
    await expect(inventing).rejects.toMatchObject({ kind: 'queue' })
    expect(a.count('sendMessageV2')).toBe(0)
  })

  it.each(['FLUSH_DISK_TIMEOUT', 'SLAVE_NOT_AVAILABLE', 'FLUSH_SLAVE_TIMEOUT'] as const)(
    'takes %s for stored and does not send again',
    async (outcome) => {
      cluster.place('T', 'a')
      a.on('sendMessageV2', ({ queueId }) => ({ outcome, msgId: 'M', queueId, queueOffset: 1 }))

      expect((await producerOf().send(message)).status).toBe(outcome)
      expect(a.count('sendMessageV2')).toBe(1)
    },
  )

  it('keeps the id of a message that has one', async () => {
    cluster.place('T', 'a')
    const properties = new Map([['UNIQ_KEY', 'MINE']])
    const producer = producerOf()

    expect((await producer.send({ ...message, properties })).msgId).toBe('MINE')
    expect(await producer.sendOneway({ ...message, properties })).toBe('MINE')
    expect((await producer.sendBatch([{ ...message, properties }]))[0]?.msgId).toBe('MINE')
  })

  it('refuses a bad message, group or queue before anything is sent', async () => {
    cluster.place('T', 'a')
    const producer = producerOf()

    await expect(producer.send({ ...message, body: Buffer.alloc(0) })).rejects.toBeInstanceOf(UsageError)
    await expect(producer.sendOneway({ ...message, keys: [''] })).rejects.toBeInstanceOf(UsageError)
    await expect(producer.sendBatch([message, { ...message, topic: 'U' }])).rejects.toBeInstanceOf(UsageError)
    await expect(producer.send(message, { selector: selectQueue('a', 9) })).rejects.toMatchObject({ kind: 'queue' })
    expect(() => producerOf({ group: 'a b' })).toThrow(UsageError)
    expect(a.count('sendMessageV2')).toBe(0)
  })

  it('says that a topic takes no messages when none of its queues can be written', async () => {
    cluster.routes.set('T', routeOf([{ name: 'a', addresses: { 0: 'a:1' }, perm: 4 }]))

    await expect(producerOf().send(message)).rejects.toBeInstanceOf(RefusedError)
  })
})

describe('sending oneway', () => {
  it('asks for no answer and tries once', async () => {
    cluster.place('T', 'a')
    const msgId = await producerOf().sendOneway({ ...message, tags: 'A' })
    await cluster.clock.settle()

    expect(a.seen.filter((request) => request.name === 'sendMessageV2').map((request) => request.oneway)).toEqual([
      true,
    ])
    expect(decodeProperties(a.requests('sendMessageV2')[0]?.properties ?? '').get('UNIQ_KEY')).toBe(msgId)
  })

  it('rejects when nothing could be sent', async () => {
    cluster.place('T', 'a')
    cluster.network.shut('a:1')

    await expect(producerOf().sendOneway(message)).rejects.toBeInstanceOf(ConnectionError)
    await expect(producerOf().sendOneway({ ...message, topic: 'New' })).rejects.toBeInstanceOf(NotFoundError)
  })
})

describe('sending a batch', () => {
  it('sends one request for one queue and numbers the messages from its answer', async () => {
    cluster.place('T', 'a')
    const bodies = ['one', 'two', 'three']
    const results = await producerOf().sendBatch(
      bodies.map((body, flag) => ({ ...message, body: Buffer.from(body), keys: [body], flag })),
    )

    const [request] = a.requests('sendBatchMessage')
    const members = decodeBatch(request?.body ?? Buffer.alloc(0))
    expect(request).toMatchObject({ batch: true, properties: 'WAIT\u0001true\u0002', flag: 0, brokerName: 'a' })
    expect(members.map(({ body, flag }) => [body.toString(), flag])).toEqual([
      ['one', 0],
      ['two', 1],
      ['three', 2],
    ])
    expect(members.map(({ properties }) => decodeProperties(properties).get('UNIQ_KEY'))).toEqual(
      results.map((result) => result.msgId),
    )
    expect(results.map(({ offsetMsgId, queueOffset }) => [offsetMsgId, queueOffset])).toEqual([
      ['X', 10],
      ['Y', 11],
      ['Z', 12],
    ])
    expect(new Set(results.map((result) => result.msgId)).size).toBe(3)
  })

  it('refuses one that no frame can carry', async () => {
    cluster.place('T', 'a')
    const large = { ...message, body: Buffer.alloc(8 * 1024 * 1024) }

    await expect(producerOf().sendBatch([large, large])).rejects.toThrow(/a batch of 16777\d+ bytes is too large/)
    expect(a.count('sendBatchMessage')).toBe(0)
  })

  it('sends nothing for nothing, and again to another broker like a single message', async () => {
    cluster.place('T', 'a', 'b')
    a.on('sendBatchMessage', () => new FakeRefusal(ResponseCode.SYSTEM_BUSY))
    const producer = producerOf()

    expect(await producer.sendBatch([])).toEqual([])
    expect((await producer.sendBatch([message]))[0]?.queue.brokerName).toBe('b')
  })
})

describe('a producer', () => {
  it('makes itself known to brokers with its first message and is forgotten when it is closed', async () => {
    cluster.place('T', 'a')
    const producer = producerOf({ group: 'p' })
    await producer.send(message)
    await cluster.clock.settle()
    expect(a.requests('heartBeat').map(({ body }) => body.producerDataSet)).toEqual([[{ groupName: 'p' }]])

    await producer.close()
    await producer.close()

    expect(a.requests('unregisterClient')).toEqual([{ clientID: '10.0.0.1@1#1', producerGroup: 'p' }])
    await client.close()
    expect(cluster.clock.pending).toBe(0)
  })

  it('keeps the routes of its topics fresh: a broker that is added gets its share', async () => {
    cluster.place('T', 'a')
    const producer = producerOf()
    await producer.send(message)
    cluster.place('T', 'a', 'b')
    await cluster.clock.advance(30_000)

    for (let i = 0; i < 4; i++) await producer.send(message)
    expect(b.count('sendMessageV2')).toBe(2)

    await producer.close()
    const asked = cluster.nameServer.seen.length
    await cluster.clock.advance(120_000)
    expect(cluster.nameServer.seen.length).toBe(asked)
    await client.close()
  })

  it('names topic and group as its namespace does on the wire, and as the user does in results', async () => {
    cluster.place('NS%T', 'a')
    client = cluster.client({ namespace: 'NS' })
    const producer = producerOf({ group: 'p' })
    const result = await producer.send(message)
    const [first] = await producer.sendBatch([message])

    const [request] = a.requests('sendMessageV2')
    expect(request).toMatchObject({ topic: 'NS%T', producerGroup: 'NS%p' })
    expect(decodeProperties(request?.properties ?? '').get('INSTANCE_ID')).toBe('NS')
    expect([result.queue.topic, first?.queue.topic]).toEqual(['T', 'T'])
    await expect(producer.send({ ...message, topic: 'New' })).rejects.toMatchObject({ subject: 'New' })
    await producer.close()
    expect(a.requests('unregisterClient')).toMatchObject([{ producerGroup: 'NS%p' }])
  })
})
