import { describe, expect, it } from 'vitest'
import {
  decodeOffsetMessageId,
  encodeBatch,
  encodeProperties,
  type Operations,
  type RequestOf,
} from '../../../../src/core/protocol/index.ts'
import { refusal, startTestBroker } from '../test-broker.ts'

function batch(topic: string, bodies: readonly string[], properties: Record<string, string> = {}) {
  const text = encodeProperties(new Map(Object.entries(properties)))
  return {
    producerGroup: 'producers',
    topic,
    defaultTopic: 'TBW102',
    defaultTopicQueueNums: 4,
    queueId: 1,
    sysFlag: 0,
    bornTimestamp: 1,
    flag: 0,
    batch: true,
    body: encodeBatch(bodies.map((body) => ({ flag: 0, body: Buffer.from(body), properties: text }))),
  } satisfies RequestOf<Operations['sendBatchMessage']>
}

describe('sending', () => {
  it('stores a message with the sender’s properties and those brokers add', async () => {
    const { client, clock } = await startTestBroker()

    const sent = await client.send('orders', 'hello', {
      queueId: 2,
      properties: { TAGS: 'A', UNIQ_KEY: 'U', POP_CK: 'x' },
    })
    const [message] = await client.messages('orders', { queueId: 2 })

    expect(sent).toMatchObject({ outcome: 'SEND_OK', queueId: 2, queueOffset: 0, transactionId: 'U', traceOn: true })
    expect(message?.body.toString()).toBe('hello')
    expect(message?.storeTimestamp).toBe(clock.now())
    expect(message?.bornHost).toEqual({ ip: '10.0.0.9', port: 40_000 })
    expect(message?.offsetMsgId).toBe(sent.msgId)
    expect(Object.fromEntries(message!.properties)).toEqual({
      TAGS: 'A',
      UNIQ_KEY: 'U',
      MSG_REGION: 'DefaultRegion',
      TRACE_ON: 'true',
      CLUSTER: 'DefaultCluster',
    })
  })

  it('makes a UNIQ_KEY for a message without one', async () => {
    const { client } = await startTestBroker()

    const first = await client.send('orders', 'a')
    const second = await client.send('orders', 'b')

    expect(first.transactionId).toMatch(/^[0-9A-F]{32}$/)
    expect(second.transactionId).not.toBe(first.transactionId)
  })

  it('makes an unknown topic with as many queues as the client asks for, at most 8', async () => {
    const { client } = await startTestBroker()
    await client.send('four', 'a')
    await client.invoke('sendMessage', {
      producerGroup: 'p',
      topic: 'eight',
      defaultTopic: 'TBW102',
      defaultTopicQueueNums: 100,
      queueId: 0,
      sysFlag: 0,
      bornTimestamp: 1,
      flag: 0,
      body: Buffer.from('a'),
    })

    const four = await client.invoke('getTopicConfig', { topic: 'four' })
    const eight = await client.invoke('getTopicConfig', { topic: 'eight' })

    expect(four.body).toMatchObject({ perm: 6, readQueueNums: 4, writeQueueNums: 4 })
    expect(eight.body).toMatchObject({ perm: 6, readQueueNums: 8, writeQueueNums: 8 })
  })

  it('makes no topic from a template that is not there or may not be inherited from', async () => {
    const { client } = await startTestBroker()
    const send = (defaultTopic: string) =>
      client.invoke('sendMessageV2', { ...batch('unknown', ['a']), batch: false, defaultTopic, body: Buffer.from('a') })

    expect((await refusal(send('nothing'))).code).toBe(17)
    expect((await refusal(send('BenchmarkTest'))).code).toBe(17)
  })

  it('gives messages without a queue to the queues in turn', async () => {
    const { client } = await startTestBroker()

    const queues = []
    for (let i = 0; i < 5; i++) queues.push((await client.send('orders', 'a', { queueId: -1 })).queueId)

    expect(queues).toEqual([0, 1, 2, 3, 0])
  })

  it('refuses what no broker stores, each with its code', async () => {
    const { client } = await startTestBroker()

    expect((await refusal(client.send('a.b', 'x'))).code).toBe(29)
    expect((await refusal(client.send('', 'x'))).code).toBe(29)
    expect((await refusal(client.send('SCHEDULE_TOPIC_XXXX', 'x'))).code).toBe(16)
    expect((await refusal(client.send('orders', 'x', { queueId: 4 }))).code).toBe(29)
    expect((await refusal(client.send('orders', ''))).code).toBe(13)
    expect((await refusal(client.send('orders', 'x'.repeat(4 * 1024 * 1024 + 1)))).code).toBe(13)
    expect((await refusal(client.send('orders', 'x', { properties: { a: 'y'.repeat(32_767) } }))).code).toBe(13)
    expect((await refusal(client.send('orders', 'x', { properties: { DELAY: 'soon' } }))).code).toBe(1)
    expect((await refusal(client.send('orders', 'x', { properties: { TRAN_MSG: 'true' } }))).code).toBe(13)
    expect(await client.invoke('getMaxOffset', { topic: 'orders', queueId: 0 })).toMatchObject({ offset: 0 })
  })

  it('takes a body of exactly 4 MiB', async () => {
    const { client } = await startTestBroker()

    await client.send('orders', 'x'.repeat(4 * 1024 * 1024))
    const [message] = await client.messages('orders')

    expect(message?.body.length).toBe(4 * 1024 * 1024)
    expect(message?.bodyIntact).toBe(true)
  })
})

describe('sending a batch', () => {
  it('stores the members one after another with their own properties and answers all ids', async () => {
    const { client } = await startTestBroker()

    const sent = await client.invoke('sendBatchMessage', {
      ...batch('orders', ['a', 'b', 'c'], { TAGS: 'T' }),
      properties: 'WAIT\u0001true\u0002',
    })
    const messages = await client.messages('orders', { queueId: 1 })

    const ids = sent.msgId.split(',')
    expect(sent).toMatchObject({ outcome: 'SEND_OK', queueId: 1, queueOffset: 0 })
    expect(sent.transactionId).toBeUndefined()
    expect(messages.map((message) => message.body.toString())).toEqual(['a', 'b', 'c'])
    expect(messages.map((message) => message.queueOffset)).toEqual([0, 1, 2])
    expect(messages.map((message) => message.offsetMsgId)).toEqual(ids)
    expect(messages.map((message) => message.tags)).toEqual(['T', 'T', 'T'])
    expect(messages[0]?.getProperty('WAIT')).toBeUndefined()
    expect([...messages[0]!.properties]).toEqual([['TAGS', 'T']])
  })

  it('is all or nothing', async () => {
    const { client } = await startTestBroker()

    expect((await refusal(client.invoke('sendBatchMessage', batch('orders', ['a', ''])))).code).toBe(13)
    expect((await refusal(client.invoke('sendBatchMessage', batch('orders', ['a'], { DELAY: '1' })))).code).toBe(13)
    expect((await refusal(client.invoke('sendBatchMessage', { ...batch('%RETRY%g', ['a']), queueId: 0 }))).code).toBe(
      13,
    )
    expect((await refusal(client.invoke('sendBatchMessage', batch('orders', [])))).code).toBe(13)
    const cut = batch('orders', ['abc'])
    const broken = client.invoke('sendBatchMessage', { ...cut, body: cut.body.subarray(0, 20) })
    expect((await refusal(broken)).code).toBe(13)

    expect(await client.invoke('getMaxOffset', { topic: 'orders', queueId: 1 })).toMatchObject({ offset: 0 })
  })

  it('stores the body of request 320 as one message when the batch flag is missing', async () => {
    const { client } = await startTestBroker()
    const request = batch('orders', ['a', 'b'])

    await client.invoke('sendBatchMessage', { ...request, batch: undefined })
    const messages = await client.messages('orders', { queueId: 1 })

    expect(messages.map((message) => message.body)).toEqual([request.body])
  })
})

describe('message ids', () => {
  it('name the advertised address and the place in the log', async () => {
    const { client } = await startTestBroker({ advertisedHost: '192.0.2.7' })

    await client.send('orders', 'first')
    const { msgId } = await client.send('orders', 'second')
    const id = decodeOffsetMessageId(msgId)
    const { body } = await client.invoke('viewMessageById', { offset: id.commitLogOffset })

    expect(id.host).toBe('192.0.2.7')
    expect(body.includes('second')).toBe(true)
  })
})
