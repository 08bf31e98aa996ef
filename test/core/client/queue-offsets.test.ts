import { beforeEach, describe, expect, it } from 'vitest'
import type { ClientInstance } from '../../../src/core/client/index.ts'
import { BrokerResponseError, ConnectionError } from '../../../src/core/errors.ts'
import { encodeStoredMessage, ResponseCode } from '../../../src/core/protocol/index.ts'
import { FakeCluster } from '../../support/fake-cluster.ts'
import { type FakePeer, FakeRefusal } from '../../support/fake-network.ts'
import { routeOf } from '../../support/fake-routes.ts'

const queue = { topic: 'T', brokerName: 'a', queueId: 2 }
const target = { topic: 'T', bname: 'a', queueId: 2 }

let cluster: FakeCluster
let client: ClientInstance
let broker: FakePeer

beforeEach(() => {
  cluster = new FakeCluster()
  broker = cluster.broker('a:1')
  cluster.routes.set('T', routeOf([{ name: 'a', addresses: { 0: 'a:1', 1: 'slave:1' } }]))
  client = cluster.client()
})

describe('QueueOffsets', () => {
  it('asks the master for the bounds of a queue', async () => {
    broker
      .on('getMinOffset', () => ({ outcome: 'OK', offset: 3 }))
      .on('getMaxOffset', () => ({ outcome: 'OK', offset: 9 }))

    expect([await client.queueOffsets.min(queue), await client.queueOffsets.max(queue)]).toEqual([3, 9])
    expect(broker.requests('getMinOffset')).toEqual([target])
    expect(broker.requests('getMaxOffset')).toEqual([target])
  })

  it('tells an offset that was never committed from offset 0, and both from a broker that does not answer', async () => {
    broker.on('queryConsumerOffset', ({ consumerGroup }) =>
      consumerGroup === 'new' ? { outcome: 'NOT_FOUND', offset: 0 } : { outcome: 'FOUND', offset: 0 },
    )

    expect(await client.queueOffsets.committed('old', queue)).toBe(0)
    expect(await client.queueOffsets.committed('new', queue)).toBeUndefined()
    expect(broker.requests('queryConsumerOffset')[0]).toEqual({
      consumerGroup: 'old',
      ...target,
      setZeroIfNotFound: false,
    })

    broker.on('queryConsumerOffset', () => new FakeRefusal(ResponseCode.SYSTEM_ERROR))
    await expect(client.queueOffsets.committed('old', queue)).rejects.toBeInstanceOf(BrokerResponseError)
  })

  it('takes the names of its client’s namespace or plain ones alike', async () => {
    cluster.routes.set('NS%T', routeOf([{ name: 'a', addresses: { 0: 'a:1' } }]))
    broker.on('queryConsumerOffset', () => ({ outcome: 'FOUND', offset: 1 }))
    const { queueOffsets } = cluster.client({ namespace: 'NS' })

    await queueOffsets.committed('g', queue)
    await queueOffsets.committed('NS%g', { ...queue, topic: 'NS%T' })

    const [plain, wrapped] = broker.requests('queryConsumerOffset')
    expect(plain).toMatchObject({ consumerGroup: 'NS%g', topic: 'NS%T' })
    expect(wrapped).toEqual(plain)
  })

  it('looks for a master once more before it gives up', async () => {
    cluster.routes.set('T', routeOf([{ name: 'a', addresses: { 1: 'slave:1' } }]))
    await client.routes.get('T')
    await expect(client.queueOffsets.max(queue)).rejects.toBeInstanceOf(ConnectionError)
    await expect(client.queueOffsets.max({ ...queue, topic: 'Unknown' })).rejects.toThrow('broker a has no master')

    cluster.routes.set('T', routeOf([{ name: 'a', addresses: { 0: 'a:1' } }]))
    broker.on('getMaxOffset', () => ({ outcome: 'OK', offset: 9 }))

    expect(await client.queueOffsets.max(queue)).toBe(9)
  })
})

describe('searching by time', () => {
  /** Messages of the queue, stored a second apart: offset n at time (n + 1) × 1000. */
  function record(offset: number): Buffer {
    return encodeStoredMessage({
      queueId: 2,
      flag: 0,
      queueOffset: offset,
      physicalOffset: 1n,
      sysFlag: 0,
      bornTimestamp: 1,
      bornHost: { ip: '127.0.0.1', port: 1 },
      storeTimestamp: (offset + 1) * 1000,
      storeHost: { ip: '127.0.0.1', port: 2 },
      reconsumeTimes: 0,
      preparedTransactionOffset: 0n,
      body: Buffer.from('x'),
      topic: 'T',
      properties: '',
    })
  }

  function nearest(offset: number): void {
    broker
      .on('searchOffsetByTimestamp', () => ({ outcome: 'OK', offset }))
      .on('pullMessage', ({ queueOffset }) => ({
        outcome: 'FOUND',
        suggestWhichBrokerId: 0,
        nextBeginOffset: queueOffset + 1,
        minOffset: 0,
        maxOffset: 5,
        body: record(queueOffset),
      }))
  }

  it.each([
    ['the nearest message, which is too early', 2, 3500, 3],
    ['the nearest message, which is late enough', 3, 3500, 3],
    ['the last message although all are older', 4, 9000, 5],
    ['the message of that very time', 2, 3000, 2],
  ])('puts right what an old broker answers: %s', async (_what, answered, timestamp, expected) => {
    nearest(answered)

    expect(await client.queueOffsets.search(queue, timestamp)).toBe(expected)
    expect(broker.requests('pullMessage')[0]).toMatchObject({
      consumerGroup: 'TOOLS_CONSUMER',
      maxMsgNums: 1,
      sysFlag: 4,
    })
  })

  it('takes an old broker’s word when it has no message there', async () => {
    nearest(0)
    broker.on('pullMessage', () => ({
      outcome: 'NO_NEW',
      suggestWhichBrokerId: 0,
      nextBeginOffset: 0,
      minOffset: 0,
      maxOffset: 0,
      body: Buffer.alloc(0),
    }))

    expect(await client.queueOffsets.search(queue, 1)).toBe(0)
  })

  it('takes the word of a 5.x broker', async () => {
    nearest(2)
    broker.version = 513

    expect(await client.queueOffsets.search(queue, 3500)).toBe(2)
    expect(broker.count('pullMessage')).toBe(0)
  })
})
