import { describe, expect, it } from 'vitest'
import type { MessageExt } from '../../../../src/core/protocol/index.ts'
import type { TestClient } from '../test-broker.ts'
import { refusal, startTestBroker } from '../test-broker.ts'

/** Sends a message back as a consumer whose listener failed does. */
function sendBack(client: TestClient, message: MessageExt, delayLevel = 0, maxReconsumeTimes?: number) {
  return client.invoke('consumerSendMsgBack', {
    offset: message.commitLogOffset,
    group: 'g',
    delayLevel,
    originMsgId: message.msgId,
    originTopic: message.topic,
    ...(maxReconsumeTimes === undefined ? {} : { maxReconsumeTimes }),
  })
}

describe('sending back', () => {
  it('brings a message back after 10 s with what it was, one reconsumption more and its origin', async () => {
    const { client, clock } = await startTestBroker()
    await client.send('orders', 'a', { queueId: 2, properties: { TAGS: 'T', KEYS: 'k', UNIQ_KEY: 'U' } })
    const [original] = await client.messages('orders', { queueId: 2 })

    await sendBack(client, original!)
    await clock.advance(9_999)
    expect(await client.messages('%RETRY%g')).toEqual([])
    await clock.advance(1)

    const [retried] = await client.messages('%RETRY%g')
    expect(retried?.body.toString()).toBe('a')
    expect(retried?.reconsumeTimes).toBe(1)
    expect(retried?.bornTimestamp).toBe(original!.bornTimestamp)
    expect(retried?.bornHost).toEqual(original!.bornHost)
    expect(retried?.storeTimestamp).toBe(clock.now())
    expect(Object.fromEntries(retried!.properties)).toMatchObject({
      TAGS: 'T',
      KEYS: 'k',
      UNIQ_KEY: 'U',
      RETRY_TOPIC: 'orders',
      ORIGIN_MESSAGE_ID: original!.offsetMsgId,
      DELAY: '3',
      REAL_TOPIC: '%RETRY%g',
      REAL_QID: '0',
      WAIT: 'false',
    })
  })

  it('comes later each time, and ends in the dead-letter queue once, never to come again', async () => {
    const { client, clock } = await startTestBroker()
    await client.send('orders', 'a')
    let [message] = await client.messages('orders')
    const waitedMs: number[] = []

    for (let times = 1; times <= 16; times++) {
      await sendBack(client, message!)
      const before = clock.now()
      do await clock.advance(1000)
      while ((await client.messages('%RETRY%g', { offset: times - 1 })).length === 0)
      waitedMs.push(clock.now() - before)
      message = (await client.messages('%RETRY%g', { offset: times - 1 }))[0]
      expect(message?.reconsumeTimes).toBe(times)
    }
    await sendBack(client, message!)
    const dead = await client.messages('%DLQ%g')
    await clock.advance(7_200_000)

    const minutes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30, 60, 120].map((n) => n * 60_000)
    expect(waitedMs).toEqual([10_000, 30_000, ...minutes])
    expect(dead.map(({ reconsumeTimes }) => reconsumeTimes)).toEqual([17])
    expect(dead[0]?.getProperty('RETRY_TOPIC')).toBe('orders')
    expect(dead[0]?.getProperty('DELAY')).toBe('0')
    expect(await client.messages('%DLQ%g')).toHaveLength(1)
    expect(await client.messages('%RETRY%g', { offset: 16 })).toEqual([])
  })

  it('goes to the dead-letter queue at once when the consumer says so, or has no retries', async () => {
    const { client } = await startTestBroker()
    await client.send('orders', 'a')
    const [message] = await client.messages('orders')

    await sendBack(client, message!, -1)
    await sendBack(client, message!, 0, 0)

    expect(await client.messages('%DLQ%g')).toHaveLength(2)
    const { body } = await client.invoke('getTopicConfig', { topic: '%DLQ%g' })
    expect(body).toMatchObject({ perm: 6, readQueueNums: 1, writeQueueNums: 1 })
  })

  it('waits as long as the consumer asks', async () => {
    const { client, clock } = await startTestBroker()
    await client.send('orders', 'a')
    const [message] = await client.messages('orders')

    await sendBack(client, message!, 1)
    await clock.advance(1000)

    expect(await client.messages('%RETRY%g')).toHaveLength(1)
  })

  it('is refused for a message that is not there', async () => {
    const { client } = await startTestBroker()
    const unknown = { offset: 12_345n, group: 'g', delayLevel: 0 }

    expect(await refusal(client.invoke('consumerSendMsgBack', unknown))).toEqual({
      code: 1,
      remark: 'look message by offset failed, 12345',
    })
  })

  it('drops the message of a group without retry queues', async () => {
    const { client, clock } = await startTestBroker()
    await client.send('orders', 'a')
    const [message] = await client.messages('orders')
    const { body } = await client.invoke('getSubscriptionGroupConfig', { group: 'g' })
    await client.invoke('updateAndCreateSubscriptionGroup', { body: { ...body, retryQueueNums: 0 } })

    await sendBack(client, message!)
    await clock.advance(60_000)

    expect((await refusal(client.pull('%RETRY%g'))).code).toBe(17)
  })
})

describe('a consumer that sends its failed message itself', () => {
  const send = (client: TestClient, reconsumeTimes: number, maxReconsumeTimes = 16) =>
    client.send('%RETRY%g', 'a', { reconsumeTimes, maxReconsumeTimes, properties: { DELAY: '1' } })

  it('reaches the dead-letter queue only beyond the limit', async () => {
    const { client, clock } = await startTestBroker()
    await send(client, 16)
    await send(client, 17)
    await clock.advance(1000)

    expect(await client.messages('%RETRY%g')).toHaveLength(1)
    expect((await client.messages('%DLQ%g')).map(({ reconsumeTimes }) => reconsumeTimes)).toEqual([17])
  })

  it('reaches it at once while its group holds locks: ordered consumption retries on its own', async () => {
    const { client } = await startTestBroker()
    const mqSet = [{ topic: 'orders', brokerName: 'broker-a', queueId: 0 }]
    await client.invoke('lockBatchMq', { body: { clientId: 'c', consumerGroup: 'g', mqSet, onlyThisBroker: false } })

    await send(client, 3)

    expect(await client.messages('%DLQ%g')).toHaveLength(1)
  })
})

describe('delayed messages', () => {
  it('arrive when their level’s time is over, in their own queue, with a new place in the log', async () => {
    const { client, clock } = await startTestBroker()
    const sent = await client.send('orders', 'late', { queueId: 3, properties: { DELAY: '2', TAGS: 'A' } })

    await clock.advance(4_999)
    expect(await client.messages('orders', { queueId: 3 })).toEqual([])
    await clock.advance(1)

    const [message] = await client.messages('orders', { queueId: 3, tags: 'A' })
    expect(sent.queueId).toBe(3)
    expect(message?.offsetMsgId).not.toBe(sent.msgId)
    expect(Object.fromEntries(message!.properties)).toMatchObject({ DELAY: '2', REAL_TOPIC: 'orders', REAL_QID: '3' })
  })

  it('count a level that is too high as the highest, and 0 as none', async () => {
    const { client, clock } = await startTestBroker({ delayLevels: '1s 2s' })
    await client.send('orders', 'at once', { properties: { DELAY: '0' } })
    await client.send('orders', 'later', { properties: { DELAY: '99' } })

    expect(await client.messages('orders')).toHaveLength(1)
    await clock.advance(2000)
    expect(await client.messages('orders')).toHaveLength(2)
  })

  it('wake a pull that waits for them', async () => {
    const { client, clock } = await startTestBroker()
    await client.send('orders', 'a', { properties: { DELAY: '1' } })
    const pull = client.pull('orders', { sysFlag: 6 })

    await clock.advance(1000)

    expect(await pull).toMatchObject({ outcome: 'FOUND' })
  })

  it('are dropped, with a word about it, when their topic is gone', async () => {
    const { client, clock, warnings } = await startTestBroker()
    await client.send('orders', 'a', { properties: { DELAY: '1' } })
    await client.invoke('deleteTopicInBroker', { topic: 'orders' })

    await clock.advance(2000)

    expect(warnings.join()).toContain('was dropped: its topic or record is gone')
  })

  it('arrive at a time of their own, to the millisecond, unless they have a level too', async () => {
    const { client, clock } = await startTestBroker()
    const start = clock.now()
    await client.send('orders', 'in 2 s', { properties: { TIMER_DELAY_SEC: '2' } })
    await client.send('orders', 'in 1.5 s', { properties: { TIMER_DELAY_MS: '1500' } })
    await client.send('orders', 'at 1.7 s', { properties: { TIMER_DELIVER_MS: String(start + 1700) } })
    await client.send('orders', 'past', { properties: { TIMER_DELIVER_MS: '5' } })
    await client.send('orders', 'level', { properties: { TIMER_DELAY_MS: '100', DELAY: '1' } })

    await clock.advance(2000)

    const messages = await client.messages('orders')
    expect(messages.map(({ body, storeTimestamp }) => [body.toString(), storeTimestamp - start])).toEqual([
      ['past', 0],
      ['level', 1000],
      ['in 1.5 s', 1500],
      ['at 1.7 s', 1700],
      ['in 2 s', 2000],
    ])
    expect(messages[1]?.getProperty('TIMER_DELAY_MS')).toBeUndefined()
    expect(messages[2]?.getProperty('TIMER_OUT_MS')).toBe(String(start + 1500))
  })

  it('are refused when their time is no number or more than 3 days ahead', async () => {
    const { client, clock } = await startTestBroker()
    const send = (properties: Record<string, string>) => refusal(client.send('orders', 'x', { properties }))

    expect((await send({ TIMER_DELAY_MS: 'soon' })).code).toBe(1)
    expect((await send({ TIMER_DELAY_SEC: '259201' })).code).toBe(13)
    expect((await send({ TIMER_DELIVER_MS: String(clock.now() + 259_200_001) })).code).toBe(13)
  })

  it('arrive in the order of their times, also when hundreds are due together', async () => {
    const { client, clock } = await startTestBroker()
    for (let i = 0; i < 200; i++) await client.send('orders', String(i), { properties: { DELAY: '2' } })
    await client.send('orders', 'first', { properties: { DELAY: '1' } })

    await clock.advance(5000)

    const bodies: string[] = []
    for (let offset = 0; offset < 201; ) {
      const messages = await client.messages('orders', { offset })
      bodies.push(...messages.map(({ body }) => body.toString()))
      offset += messages.length
    }
    expect(bodies).toEqual(['first', ...Array.from({ length: 200 }, (_, i) => String(i))])
  })
})
