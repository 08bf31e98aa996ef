import { describe, expect, it } from 'vitest'
import { decodeMessages } from '../../../../src/core/protocol/index.ts'
import { refusal, startTestBroker, type TestClient } from '../test-broker.ts'

const ALWAYS = { beginTimestamp: 0n, endTimestamp: 9_223_372_036_854_775_807n, maxNum: 64 }

async function find(client: TestClient, key: string, options: object = {}): Promise<string[]> {
  const answer = await client.invoke('queryMessage', { topic: 'orders', key, ...ALWAYS, ...options })
  return answer.outcome === 'OK' ? decodeMessages(answer.body).map(({ body }) => body.toString()) : []
}

describe('finding messages by key', () => {
  it('finds each by every key and by its UNIQ_KEY, in the order of storing', async () => {
    const { client, clock } = await startTestBroker()
    await client.send('orders', 'a', { properties: { KEYS: 'k1 k2', UNIQ_KEY: 'U1' } })
    await clock.advance(120_000)
    await client.send('orders', 'b', { queueId: 1, properties: { KEYS: 'k2', UNIQ_KEY: 'U2' } })
    await client.send('others', 'c', { properties: { KEYS: 'k2' } })

    expect(await find(client, 'k1')).toEqual(['a'])
    expect(await find(client, 'k2')).toEqual(['a', 'b'])
    expect(await find(client, 'U2', { uniqueKeyQuery: true, maxNum: 0 })).toEqual(['b'])
    expect(await find(client, 'k3')).toEqual([])
  })

  it('answers the newest when there are more than asked for', async () => {
    const { client, clock } = await startTestBroker()
    for (const body of ['a', 'b', 'c']) {
      await client.send('orders', body, { properties: { KEYS: 'k' } })
      await clock.advance(61_000)
    }

    expect(await find(client, 'k', { maxNum: 2 })).toEqual(['b', 'c'])
    expect(await find(client, 'k', { maxNum: 0 })).toEqual([])
  })

  it('keeps to the time asked for, in whole seconds', async () => {
    const { client, clock } = await startTestBroker()
    const start = BigInt(clock.now())
    for (const body of ['a', 'b', 'c']) {
      await client.send('orders', body, { properties: { KEYS: 'k' } })
      await clock.advance(60_000)
    }

    expect(await find(client, 'k', { beginTimestamp: start + 1n })).toEqual(['a', 'b', 'c'])
    expect(await find(client, 'k', { beginTimestamp: start + 1000n })).toEqual(['b', 'c'])
    expect(await find(client, 'k', { endTimestamp: start + 60_000n })).toEqual(['a', 'b'])
    expect(await find(client, 'k', { beginTimestamp: start + 60_000n, endTimestamp: start + 60_000n })).toEqual(['b'])
    expect(await find(client, 'k', { beginTimestamp: -5n, endTimestamp: -1n })).toEqual([])
  })

  it('is not misled by another key with the same hash', async () => {
    const { client } = await startTestBroker()
    await client.send('orders', 'a', { properties: { KEYS: 'Aa' } })

    expect(await find(client, 'BB')).toEqual([])
    expect(await find(client, 'Aa')).toEqual(['a'])
  })

  it('finds a delayed message once it is delivered', async () => {
    const { client, clock } = await startTestBroker()
    await client.send('orders', 'late', { properties: { KEYS: 'k', DELAY: '1' } })
    expect(await find(client, 'k')).toEqual([])

    await clock.advance(1000)

    expect(await find(client, 'k')).toEqual(['late'])
  })

  it('says that it cannot look for tags', async () => {
    const { client } = await startTestBroker()

    const query = client.invoke('queryMessage', { topic: 'orders', key: 'A', ...ALWAYS, indexType: 'T' })

    expect((await refusal(query)).code).toBe(1)
  })
})

describe('viewing a message', () => {
  it('needs the very beginning of a record', async () => {
    const { client } = await startTestBroker()
    await client.send('orders', 'a')

    expect(decodeMessages((await client.invoke('viewMessageById', { offset: 0n })).body)).toHaveLength(1)
    for (const offset of [1n, -1n, 9_223_372_036_854_775_807n]) {
      const refused = await refusal(client.invoke('viewMessageById', { offset }))
      expect(refused).toEqual({ code: 1, remark: `can not find message by the offset, ${offset}` })
    }
  })
})
