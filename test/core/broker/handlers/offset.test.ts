import { describe, expect, it } from 'vitest'
import { refusal, startTestBroker } from '../test-broker.ts'

const queue = { topic: 'orders', queueId: 0 }
const ofGroup = { consumerGroup: 'g', ...queue }

describe('committed offsets', () => {
  it('are what the group said last, backwards too', async () => {
    const { client } = await startTestBroker()
    await client.makeGroup('g')
    await client.send('orders', 'a')
    await client.invoke('updateConsumerOffset', { ...ofGroup, commitOffset: 7 })
    await client.invoke('updateConsumerOffset', { ...ofGroup, commitOffset: 3 })

    expect(await client.invoke('queryConsumerOffset', ofGroup)).toMatchObject({ outcome: 'FOUND', offset: 3 })
  })

  it('need a group, a topic and a possible queue', async () => {
    const { client } = await startTestBroker()
    await client.makeGroup('g')
    await client.send('orders', 'a')

    const commit = (change: object) =>
      refusal(client.invoke('updateConsumerOffset', { ...ofGroup, commitOffset: 1, ...change }))

    expect((await commit({ consumerGroup: 'nobody' })).code).toBe(26)
    expect((await commit({ topic: 'nothing' })).code).toBe(17)
    expect((await commit({ queueId: -1 })).code).toBe(29)
    expect((await commit({ queueId: 70_000 })).code).toBe(29)
  })

  it('begin at 0 for a group without one, while message 0 is there and the client does not object', async () => {
    const { client } = await startTestBroker()
    await client.send('orders', 'a')

    expect(await client.invoke('queryConsumerOffset', ofGroup)).toMatchObject({ offset: 0 })
    expect(await refused({ ...ofGroup, setZeroIfNotFound: false })).toBe('NOT_FOUND')
    expect(await refused({ ...ofGroup, queueId: 1 })).toBe('NOT_FOUND')
    expect(await refused({ ...ofGroup, topic: 'nothing' })).toBe('NOT_FOUND')

    async function refused(request: typeof ofGroup & { setZeroIfNotFound?: boolean }) {
      return (await client.invoke('queryConsumerOffset', request)).outcome
    }
  })
})

describe('bounds of queues', () => {
  it('tell min, max and the earliest store time', async () => {
    const { client, clock } = await startTestBroker()
    const first = clock.now()
    await client.send('orders', 'a')
    await clock.advance(1000)
    await client.send('orders', 'b')

    expect(await client.invoke('getMinOffset', queue)).toMatchObject({ offset: 0 })
    expect(await client.invoke('getMaxOffset', queue)).toMatchObject({ offset: 2 })
    expect(await client.invoke('getEarliestMsgStoreTime', queue)).toMatchObject({ timestamp: first })
  })

  it('are 0, 0 and -1 for queues that are not there', async () => {
    const { client } = await startTestBroker()
    for (const unknown of [
      { topic: 'nothing', queueId: 0 },
      { topic: 'TBW102', queueId: 99 },
      { topic: 'TBW102', queueId: -1 },
    ]) {
      expect(await client.invoke('getMinOffset', unknown)).toMatchObject({ offset: 0 })
      expect(await client.invoke('getMaxOffset', unknown)).toMatchObject({ offset: 0 })
      expect(await client.invoke('getEarliestMsgStoreTime', unknown)).toMatchObject({ timestamp: -1 })
      expect(await client.invoke('searchOffsetByTimestamp', { ...unknown, timestamp: 1 })).toMatchObject({ offset: 0 })
    }
  })

  it('find the first message stored at or after a time, or the last one before it', async () => {
    const { client, clock } = await startTestBroker()
    const start = clock.now()
    for (let i = 0; i < 5; i++) {
      await client.send('orders', String(i))
      await clock.advance(1000)
    }
    const search = async (timestamp: number, boundaryType?: 'UPPER') =>
      (await client.invoke('searchOffsetByTimestamp', { ...queue, timestamp, boundaryType })).offset

    expect(await search(start - 1)).toBe(0)
    expect(await search(start + 1000)).toBe(1)
    expect(await search(start + 1001)).toBe(2)
    expect(await search(start + 99_000)).toBe(5)
    expect(await search(start + 1000, 'UPPER')).toBe(1)
    expect(await search(start + 1999, 'UPPER')).toBe(1)
    expect(await search(start - 1, 'UPPER')).toBe(0)
  })
})
