import { beforeEach, describe, expect, it } from 'vitest'
import type { ClientInstance } from '../../../src/core/client/index.ts'
import { AuthorizationError, BrokerResponseError, NotFoundError, TimeoutError } from '../../../src/core/errors.ts'
import { Producer, type ProducerOptions } from '../../../src/core/producer/index.ts'
import { ResponseCode } from '../../../src/core/protocol/index.ts'
import { FakeCluster } from '../../support/fake-cluster.ts'
import { type FakePeer, FakeRefusal } from '../../support/fake-network.ts'
import { routeOf } from '../../support/fake-routes.ts'

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

function refuse(broker: FakePeer, code: number, remark?: string): void {
  broker.on('sendMessageV2', () => new FakeRefusal(code, remark))
}

function losing(broker: FakePeer): void {
  broker.on('sendMessageV2', () => {
    broker.breakConnections()
    return undefined
  })
}

function producerOf(options: Partial<ProducerOptions> = {}, of = client): Producer {
  return new Producer(of, { origin: { ip: '10.0.0.1', pid: 0, instance: 0 }, ...options })
}

/** What a promise rejects with, after at most a minute. */
async function failureOf(sent: Promise<unknown>): Promise<unknown> {
  const failed = sent.then(
    () => undefined,
    (error: unknown) => error,
  )
  await cluster.clock.advance(60_000)
  return failed
}

const message = { topic: 'T', body: Buffer.from('hello') }

describe('sending again', () => {
  it.each<[string, (broker: FakePeer) => void]>([
    ['is busy', (broker) => refuse(broker, ResponseCode.SYSTEM_BUSY)],
    ['has an error', (broker) => refuse(broker, ResponseCode.SYSTEM_ERROR)],
    ['is full', (broker) => refuse(broker, ResponseCode.SERVICE_NOT_AVAILABLE)],
    ['is not to be written', (broker) => refuse(broker, ResponseCode.NO_PERMISSION)],
    ['does not have the topic', (broker) => refuse(broker, ResponseCode.TOPIC_NOT_EXIST)],
    ['asks to slow down', (broker) => refuse(broker, ResponseCode.FLOW_CONTROL)],
    ['is gone', (broker) => cluster.network.shut(broker.address)],
    ['loses the connection', (broker) => losing(broker)],
  ])('takes another broker at once when one %s', async (_what, fail) => {
    cluster.place('T', 'a', 'b')
    fail(a)

    const result = await producerOf().send(message)

    expect(result.queue.brokerName).toBe('b')
    expect(cluster.clock.monotonic()).toBe(0)
  })

  it('gives up after as many attempts as allowed, with the last error', async () => {
    cluster.place('T', 'a', 'b')
    refuse(a, ResponseCode.SYSTEM_BUSY, 'first')
    refuse(b, ResponseCode.SYSTEM_BUSY, 'second')

    const error = await failureOf(producerOf({ retries: 1 }).send(message))

    expect(error).toMatchObject({ responseCode: 2, remark: 'second' })
    expect([a.count('sendMessageV2'), b.count('sendMessageV2')]).toEqual([1, 1])
  })

  it('pauses before it asks the only broker again, which may be restarting', async () => {
    cluster.place('T', 'a')
    cluster.network.shut('a:1')
    const sent = producerOf().send(message)

    await cluster.clock.advance(150)
    a = cluster.storingBroker('a:1')
    await cluster.clock.advance(150)

    expect((await sent).status).toBe('SEND_OK')
  })

  it.each<[string, number, string | undefined]>([
    ['a message it does not like', ResponseCode.MESSAGE_ILLEGAL, undefined],
    ['a parameter', ResponseCode.INVALID_PARAMETER, undefined],
    ['who sends (ACL 1.0)', ResponseCode.SYSTEM_ERROR, 'org.apache.rocketmq.acl.common.AclException: no'],
  ])('is of no use when a broker refuses %s', async (_what, code, remark) => {
    cluster.place('T', 'a', 'b')
    refuse(a, code, remark)

    await expect(producerOf().send(message)).rejects.toBeInstanceOf(BrokerResponseError)

    expect([a.count('sendMessageV2'), b.count('sendMessageV2')]).toEqual([1, 0])
  })

  it('is of no use when the only broker refuses who sends (ACL 2.0)', async () => {
    cluster.place('T', 'a')
    refuse(a, ResponseCode.NO_PERMISSION, 'check signature failed.')

    await expect(producerOf().send(message)).rejects.toBeInstanceOf(AuthorizationError)

    expect(a.count('sendMessageV2')).toBe(1)
  })

  it('finds a broker that has moved', async () => {
    cluster.place('T', 'a')
    const producer = producerOf()
    await producer.send(message)
    cluster.network.shut('a:1')
    const moved = cluster.storingBroker('a:2')
    cluster.routes.set('T', routeOf([{ name: 'a', addresses: { 0: 'a:2' } }]))

    const sent = producer.send(message)
    await cluster.clock.advance(100)

    expect((await sent).status).toBe('SEND_OK')
    expect(moved.count('sendMessageV2')).toBe(1)
  })

  it('does not need the name server', async () => {
    cluster.place('T', 'a', 'b')
    await client.routes.get('T')
    refuse(a, ResponseCode.SYSTEM_BUSY)
    cluster.network.shut('ns:9876')

    expect((await producerOf().send(message)).queue.brokerName).toBe('b')
  })
})

describe('the time for a message', () => {
  it('is one for all attempts: what is left after the first is what the second gets', async () => {
    cluster.place('T', 'a', 'b')
    a.on('sendMessageV2', async () => {
      await cluster.clock.sleep(2000)
      return new FakeRefusal(ResponseCode.SYSTEM_BUSY)
    })
    b.on('sendMessageV2', () => undefined)
    const sent = producerOf().send(message)
    const late = expect(sent).rejects.toBeInstanceOf(TimeoutError)

    await cluster.clock.advance(3000)

    await late
    expect(b.count('sendMessageV2')).toBe(1)
  })

  it.each<[string, () => void, string]>([
    ['connecting', () => cluster.network.swallow('a:1'), 'a:1 did not answer a connection attempt within 3000 ms'],
    [
      'finding the route',
      () => cluster.nameServer.on('getRouteInfoByTopic', () => undefined),
      'the name servers did not answer getRouteInfoByTopic within 3000 ms',
    ],
    ['waiting', () => a.on('sendMessageV2', () => undefined), 'a:1 did not answer sendMessageV2 within 3000 ms'],
  ])('covers %s', async (_what, hang, text) => {
    cluster.place('T', 'a')
    hang()
    const late = failureOf(producerOf().send(message))

    await expect(late).resolves.toMatchObject({ code: 'TIMEOUT', message: text })
  })

  it('ends with the error that was, when it ends while pausing', async () => {
    cluster.place('T', 'a')
    refuse(a, ResponseCode.SYSTEM_BUSY)
    const error = await failureOf(producerOf({ sendTimeoutMs: 50 }).send(message))

    expect(error).toMatchObject({ responseCode: 2 })
    expect(a.count('sendMessageV2')).toBe(1)
  })

  it('ends early when the caller gives up, and nothing is sent after that', async () => {
    cluster.place('T', 'a')
    refuse(a, ResponseCode.SYSTEM_BUSY)
    const controller = new AbortController()
    const sent = producerOf().send(message, { signal: controller.signal })
    await cluster.clock.settle()

    controller.abort(new Error('the user left'))

    await expect(sent).rejects.toThrow('the user left')
    await cluster.clock.advance(3000)
    expect(a.count('sendMessageV2')).toBe(1)
  })
})

describe('a topic that does not exist', () => {
  it('is sent to where the template is, to queues the broker will create', async () => {
    cluster.routes.set('TBW102', routeOf([{ name: 'a', addresses: { 0: 'a:1' }, read: 8, write: 8, perm: 7 }]))
    const producer = producerOf()
    for (let i = 0; i < 5; i++) await producer.send({ ...message, topic: 'New' })

    expect(a.requests('sendMessageV2').map(({ topic, queueId }) => [topic, queueId])).toEqual([
      ['New', 0],
      ['New', 1],
      ['New', 2],
      ['New', 3],
      ['New', 0],
    ])
  })

  it('is found as soon as it exists', async () => {
    cluster.routes.set('TBW102', routeOf([{ name: 'a', addresses: { 0: 'a:1' } }]))
    const producer = producerOf()
    await producer.send({ ...message, topic: 'New' })
    cluster.place('New', 'b')

    expect((await producer.send({ ...message, topic: 'New' })).queue.brokerName).toBe('b')
  })

  it('is not found when the cluster has no template', async () => {
    const error = await failureOf(producerOf().send({ ...message, topic: 'New' }))

    expect(error).toBeInstanceOf(NotFoundError)
    expect(error).toMatchObject({ kind: 'topic', subject: 'New', suggestions: ['create it: mq topics create New'] })
  })

  it('is not found when the broker refuses to create it, or has deleted it', async () => {
    cluster.routes.set('TBW102', routeOf([{ name: 'a', addresses: { 0: 'a:1' } }]))
    refuse(a, ResponseCode.TOPIC_NOT_EXIST, 'topic[New] not exist, apply first please!')

    const error = await failureOf(producerOf().send({ ...message, topic: 'New' }))

    expect(error).toBeInstanceOf(NotFoundError)
    expect((error as Error).cause).toBeInstanceOf(BrokerResponseError)
    expect(a.count('sendMessageV2')).toBe(1)
  })
})
