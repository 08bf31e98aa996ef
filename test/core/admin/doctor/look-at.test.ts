import { describe, expect, test } from 'vitest'
import { lookAt } from '../../../../src/core/admin/doctor/look-at.ts'
import { ResponseCode, tagSubscription } from '../../../../src/core/protocol/index.ts'
import { FakeCluster } from '../../../support/fake-cluster.ts'
import { type FakePeer, FakeRefusal } from '../../../support/fake-network.ts'
import { tellClusters } from '../../../support/fake-topics.ts'
import { plantedInfo } from '../../../support/planted-members.ts'

const wait = { timeoutMs: 5000 }
const queue = (brokerName: string, queueId: number) => ({ topic: 'orders', brokerName, queueId })

/** A broker that has member x of group g, which holds a queue of a and one of b, each with a message unfinished. */
function memberBroker(cluster: FakeCluster, name: string): FakePeer {
  const info = plantedInfo({ holds: [queue('a', 0), queue('b', 0)], subscriptions: { orders: '*' } })
  const cached = { cachedMsgCount: 1, cachedMsgMinOffset: 7, cachedMsgMaxOffset: 7 }
  const body = { ...info, mqTable: info.mqTable.map(([held, said]) => [held, { ...said, ...cached }] as const) }
  const connection = { clientAddr: '10.0.0.1:1', clientId: 'x', language: 'JAVA', version: 513 }
  const peer = cluster
    .broker(`${name}:1`)
    .on('getConsumeStats', () => ({ outcome: 'OK', body: { consumeTps: 0, offsetTable: [] } }))
    .on('getConsumerConnectionList', () => ({
      outcome: 'OK',
      body: {
        connectionSet: [connection],
        consumeFromWhere: undefined,
        consumeType: 'CONSUME_PASSIVELY',
        messageModel: 'CLUSTERING',
        subscriptionTable: new Map([['orders', tagSubscription('orders', '*', 1)]]),
      },
    }))
    .on('getAllSubscriptionGroupConfig', () => ({
      outcome: 'OK',
      body: {
        dataVersion: undefined,
        forbiddenTable: new Map([['g', new Map([['orders', 4]])]]),
        subscriptionGroupTable: new Map(),
      },
    }))
    .on('getBrokerConfig', () => ({ outcome: 'OK', version: '1', body: 'brokerName=a\nfileReservedTime=48\n' }))
    .on('getConsumerListByGroup', () => ({ outcome: 'OK', body: { consumerIdList: ['x'] } }))
    .on('getConsumerRunningInfo', () => ({ outcome: 'OK', body }))
    .on('getTopicStatsInfo', () => ({ outcome: 'OK', body: { topicPutTps: 0, offsetTable: [] } }))
    .on('queryConsumerOffset', () => ({ outcome: 'NOT_FOUND', offset: 0 }))
    .on('pullMessage', () => new FakeRefusal(ResponseCode.NO_PERMISSION))
  peer.version = 513
  return peer
}

describe('a look at a group', () => {
  test('tells what brokers let it do, and asks each member once', async () => {
    const cluster = new FakeCluster()
    tellClusters(cluster.nameServer, { c: ['a', 'b'] }, [])
    cluster.place('orders', 'a', 'b')
    const [a, b] = [memberBroker(cluster, 'a'), memberBroker(cluster, 'b')]

    const look = await lookAt(cluster.client(), { group: 'g' }, wait)

    expect(look.rules).toEqual([
      { brokerName: 'a', config: undefined, banned: ['orders'], retentionMs: 172_800_000 },
      { brokerName: 'b', config: undefined, banned: ['orders'], retentionMs: 172_800_000 },
    ])
    expect(look.members.map(({ clientId }) => clientId)).toEqual(['x'])
    expect(a.count('getConsumerRunningInfo') + b.count('getConsumerRunningInfo')).toBe(1)
    expect(look.errors).toEqual([])
    // It would make the group, on brokers from 5.3 on.
    expect(a.count('getSubscriptionGroupConfig')).toBe(0)
  })

  test('goes without messages it may not read', async () => {
    const cluster = new FakeCluster()
    tellClusters(cluster.nameServer, { c: ['a'] }, [])
    cluster.place('orders', 'a')
    const a = memberBroker(cluster, 'a')

    const look = await lookAt(cluster.client(), { group: 'g' }, wait)

    expect([a.count('pullMessage'), look.heads.size]).toEqual([1, 0])
    // Not that a did not let it read: that b is gone.
    expect(look.errors.map(({ source }) => source)).toEqual(['b'])
  })

  test('at a cluster with a broker that hangs tells the rest in half of the time, and names it', async () => {
    const cluster = new FakeCluster()
    tellClusters(cluster.nameServer, { c: ['a', 'b'] }, [])
    cluster.place('orders', 'a', 'b')
    memberBroker(cluster, 'a')
    const b = cluster.broker('b:1')
    const started = cluster.clock.monotonic()
    for (const name of ['getConsumeStats', 'getConsumerConnectionList', 'getAllSubscriptionGroupConfig'] as const) {
      b.on(name, () => undefined)
    }
    b.on('getBrokerConfig', () => undefined).on('pullMessage', () => undefined)

    const asked = lookAt(cluster.client(), { group: 'g' }, wait)
    await cluster.clock.advance(2500)
    const look = await asked

    expect(cluster.clock.monotonic() - started).toBe(2500)
    expect(look.errors.map(({ source }) => source)).toEqual(['b'])
    expect(look.members).toHaveLength(1)
    expect(b.count('pullMessage')).toBe(0)
  })
})
