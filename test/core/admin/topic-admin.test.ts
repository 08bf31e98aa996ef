import { afterEach, describe, expect, test } from 'vitest'
import { TopicAdmin } from '../../../src/core/admin/index.ts'
import { EmbeddedBroker } from '../../../src/core/broker/index.ts'
import { ClientInstance } from '../../../src/core/client/index.ts'
import { AuthorizationError, NotFoundError, TimeoutError, UsageError } from '../../../src/core/errors.ts'
import { ResponseCode } from '../../../src/core/protocol/index.ts'
import { memoryTransportPair } from '../../../src/core/remoting/index.ts'
import { silentLogger } from '../../../src/core/support/index.ts'
import { FakeCluster } from '../../support/fake-cluster.ts'
import { type FakePeer, FakeRefusal } from '../../support/fake-network.ts'
import { routeOf } from '../../support/fake-routes.ts'
import { tellClusters, topicBroker, topicConfigOf } from '../../support/fake-topics.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

describe('listing topics', () => {
  test('puts together what name server and brokers know, with what each topic is for', async () => {
    const cluster = new FakeCluster()
    tellClusters(cluster.nameServer, { c: ['a', 'b'] }, ['orders', 'gone'])
    topicBroker(cluster, 'a:1', [
      topicConfigOf('orders'),
      topicConfigOf('%RETRY%g'),
      topicConfigOf('TBW102'),
      topicConfigOf('c'),
    ])
    topicBroker(cluster, 'b:1', [
      topicConfigOf('orders', { readQueueNums: 4, perm: 4 }),
      topicConfigOf('%DLQ%g'),
      topicConfigOf('b'),
    ])

    const { topics, errors } = await new TopicAdmin(cluster.client()).list()

    expect(errors).toEqual([])
    expect(topics.map(({ topic, kind }) => [topic, kind])).toEqual([
      ['%DLQ%g', 'dlq'],
      ['%RETRY%g', 'retry'],
      ['TBW102', 'system'],
      ['b', 'system'],
      ['c', 'system'],
      ['gone', 'normal'],
      ['orders', 'normal'],
    ])
    expect(topics.at(-1)?.brokers).toEqual([
      { brokerName: 'a', cluster: 'c', readQueues: 8, writeQueues: 8, perm: 6, order: false },
      { brokerName: 'b', cluster: 'c', readQueues: 4, writeQueues: 8, perm: 4, order: false },
    ])
    expect(topics.at(-2)?.brokers).toEqual([])
  })

  test('goes on without a broker that refuses or has no master, and names it', async () => {
    const cluster = new FakeCluster()
    tellClusters(cluster.nameServer, { c: ['a', 'b', 'x-'] }, ['orders'])
    topicBroker(cluster, 'a:1', [topicConfigOf('orders')])
    cluster.broker('b:1').on('getAllTopicConfig', () => new FakeRefusal(ResponseCode.NO_PERMISSION))

    const { topics, errors } = await new TopicAdmin(cluster.client()).list()

    expect(topics.map(({ topic }) => topic)).toEqual(['orders'])
    expect(errors.map(({ source }) => source)).toEqual(['x-', 'b (b:1)'])
    expect(errors[1]?.error).toBeInstanceOf(AuthorizationError)
  })

  test('does without the list of names, which a name server may be told not to give', async () => {
    const cluster = new FakeCluster()
    tellClusters(cluster.nameServer, { c: ['a'] })
    cluster.nameServer.on('getAllTopicListFromNameServer', () => new FakeRefusal(ResponseCode.SYSTEM_ERROR, 'disable'))
    topicBroker(cluster, 'a:1', [topicConfigOf('orders')])

    const { topics, errors } = await new TopicAdmin(cluster.client()).list()

    expect(topics.map(({ topic }) => topic)).toEqual(['orders'])
    expect(errors).toEqual([])
  })

  test('is refused when no broker lets us, and nothing else is known', async () => {
    const cluster = new FakeCluster()
    tellClusters(cluster.nameServer, { c: ['a'] })
    cluster.broker('a:1').on('getAllTopicConfig', () => new FakeRefusal(ResponseCode.NO_PERMISSION))

    await expect(new TopicAdmin(cluster.client()).list()).rejects.toThrow(AuthorizationError)
  })

  test('a broker that never answers is named when the time is over', async () => {
    const cluster = new FakeCluster()
    tellClusters(cluster.nameServer, { c: ['a'] }, ['orders'])
    cluster.broker('a:1').on('getAllTopicConfig', () => undefined)

    const listing = new TopicAdmin(cluster.client(), { timeoutMs: 1000 }).list()
    await cluster.clock.advance(1000)

    expect((await listing).errors[0]?.error).toBeInstanceOf(TimeoutError)
  })
})

describe('planning a topic', () => {
  test.each([
    ['5.x', true],
    ['4.9', false],
  ])('tells what is there on a broker of %s and what would change', async (_version, v5) => {
    const cluster = new FakeCluster()
    tellClusters(cluster.nameServer, { c: ['a', 'b'] })
    topicBroker(cluster, 'a:1', [topicConfigOf('orders', { order: true })], { v5 })
    topicBroker(cluster, 'b:1', [], { v5 })

    const plan = await new TopicAdmin(cluster.client()).plan({ topic: 'orders', queues: 16 }, [])

    expect(plan.map(({ effect }) => effect)).toEqual(['update', 'create'])
    expect(plan[0]?.before).toEqual({ readQueues: 8, writeQueues: 8, perm: 6, order: true })
    expect(plan[0]?.after).toEqual({ readQueues: 16, writeQueues: 16, perm: 6, order: true })
    expect(plan[1]?.after).toEqual({ readQueues: 16, writeQueues: 16, perm: 6, order: false })
  })

  test('what is not asked for stays, and a new topic has 8 queues', async () => {
    const cluster = new FakeCluster()
    tellClusters(cluster.nameServer, { c: ['a'] })
    topicBroker(cluster, 'a:1', [topicConfigOf('orders', { readQueueNums: 3, perm: 4 })])
    const admin = new TopicAdmin(cluster.client())

    const [same] = await admin.plan({ topic: 'orders' }, [])
    const [fresh] = await admin.plan({ topic: 'new' }, [])

    expect(same).toMatchObject({ effect: 'same', after: { readQueues: 3, writeQueues: 8, perm: 4 } })
    expect(fresh).toMatchObject({ effect: 'create', after: { readQueues: 8, writeQueues: 8, perm: 6, order: false } })
  })

  test('writes nothing', async () => {
    const cluster = new FakeCluster()
    tellClusters(cluster.nameServer, { c: ['a'] })
    const peer = topicBroker(cluster, 'a:1', [])

    await new TopicAdmin(cluster.client()).plan({ topic: 'orders' }, [])

    expect(peer.count('updateAndCreateTopic')).toBe(0)
  })

  test('wants a cluster named where there are several', async () => {
    const cluster = new FakeCluster()
    tellClusters(cluster.nameServer, { east: ['a'], west: ['b'] })
    topicBroker(cluster, 'b:1', [])
    const admin = new TopicAdmin(cluster.client())

    await expect(admin.plan({ topic: 't' }, [])).rejects.toThrow(UsageError)
    await expect(admin.plan({ topic: 't' }, [])).rejects.toThrow('there are several clusters: east, west')
    await expect(admin.plan({ topic: 't' }, ['north'])).rejects.toThrow(
      'there is no cluster north; there is east, west',
    )
    expect((await admin.plan({ topic: 't' }, ['west'])).map(({ master }) => master.brokerName)).toEqual(['b'])
  })

  test('is refused where no broker has a master', async () => {
    const cluster = new FakeCluster()
    tellClusters(cluster.nameServer, { c: ['x-'] })

    await expect(new TopicAdmin(cluster.client()).plan({ topic: 't' }, [])).rejects.toThrow(NotFoundError)
  })
})

describe('applying a plan', () => {
  test('writes where something changes, and reads it back', async () => {
    const cluster = new FakeCluster()
    tellClusters(cluster.nameServer, { c: ['a', 'b'] })
    const same = topicBroker(cluster, 'a:1', [topicConfigOf('orders')])
    const fresh = topicBroker(cluster, 'b:1', [])
    const admin = new TopicAdmin(cluster.client())

    const applied = await admin.apply('orders', await admin.plan({ topic: 'orders' }, []))

    expect(same.count('updateAndCreateTopic')).toBe(0)
    expect(fresh.requests('updateAndCreateTopic')).toMatchObject([
      { topic: 'orders', readQueueNums: 8, writeQueueNums: 8, perm: 6, order: false, topicFilterType: 'SINGLE_TAG' },
    ])
    expect(applied.map(({ verified }) => verified)).toEqual([true, true])
  })

  test('a change keeps what it is not about', async () => {
    const cluster = new FakeCluster()
    tellClusters(cluster.nameServer, { c: ['a'] })
    const kept = topicConfigOf('orders', { topicSysFlag: 1, topicFilterType: 'MULTI_TAG' })
    const peer = topicBroker(cluster, 'a:1', [kept])
    const admin = new TopicAdmin(cluster.client())

    await admin.apply('orders', await admin.plan({ topic: 'orders', perm: 4 }, []))

    expect(peer.requests('updateAndCreateTopic')).toMatchObject([{ topicSysFlag: 1, topicFilterType: 'MULTI_TAG' }])
  })

  test('a broker that takes it and does not do it is found out', async () => {
    const cluster = new FakeCluster()
    tellClusters(cluster.nameServer, { c: ['a'] })
    topicBroker(cluster, 'a:1', []).on('updateAndCreateTopic', () => ({ outcome: 'OK' }))
    const admin = new TopicAdmin(cluster.client())

    const [applied] = await admin.apply('orders', await admin.plan({ topic: 'orders' }, []))

    expect(applied).toMatchObject({ verified: false, found: undefined, error: undefined })
  })

  test('a broker that refuses does not keep the others from it', async () => {
    const cluster = new FakeCluster()
    tellClusters(cluster.nameServer, { c: ['a', 'b'] })
    topicBroker(cluster, 'a:1', []).on('updateAndCreateTopic', () => new FakeRefusal(ResponseCode.NO_PERMISSION))
    topicBroker(cluster, 'b:1', [])
    const admin = new TopicAdmin(cluster.client())

    const [refused, done] = await admin.apply('orders', await admin.plan({ topic: 'orders' }, []))

    expect(refused).toMatchObject({ verified: false })
    expect(refused?.error).toBeInstanceOf(AuthorizationError)
    expect(done).toMatchObject({ verified: true })
  })

  describe('of an ordered topic', () => {
    /** A name server with a table of its own. */
    function withTable(peer: FakePeer, kept: Map<string, string>): void {
      peer
        .on('getKvConfig', ({ key }) => {
          const value = kept.get(key)
          return value === undefined ? { outcome: 'NOT_FOUND' } : { outcome: 'OK', value }
        })
        .on('putKvConfig', ({ namespace, key, value }) => {
          if (namespace === 'ORDER_TOPIC_CONFIG') kept.set(key, value)
          return { outcome: 'OK' }
        })
        .on('deleteKvConfig', ({ key }) => {
          kept.delete(key)
          return { outcome: 'OK' }
        })
    }

    test('tells every name server its queues, and takes that back when it is one no more', async () => {
      const cluster = new FakeCluster()
      const second = cluster.network.listen('ns2:9876')
      const tables = [new Map([['orders', 'elsewhere:2']]), new Map<string, string>()] as const
      for (const [index, peer] of [cluster.nameServer, second].entries()) {
        tellClusters(peer, { c: ['a', 'b'] })
        withTable(peer, tables[index]!)
      }
      topicBroker(cluster, 'a:1', [topicConfigOf('orders', { order: true, writeQueueNums: 4, readQueueNums: 4 })])
      topicBroker(cluster, 'b:1', [])
      const admin = new TopicAdmin(cluster.client({ nameServers: ['ns:9876', 'ns2:9876'] }))

      await admin.apply('orders', await admin.plan({ topic: 'orders', queues: 4, order: true }, []))
      expect(tables.map((table) => table.get('orders'))).toEqual(['elsewhere:2;a:4;b:4', 'a:4;b:4'])
      await admin.apply('orders', await admin.plan({ topic: 'orders', order: false }, []))

      expect(tables.map((table) => table.get('orders'))).toEqual(['elsewhere:2', undefined])
    })

    test('does so before the brokers are told, which take it from there', async () => {
      const cluster = new FakeCluster()
      const table = new Map([['orders', 'a:8']])
      tellClusters(cluster.nameServer, { c: ['a'] })
      withTable(cluster.nameServer, table)
      topicBroker(cluster, 'a:1', [topicConfigOf('orders', { order: true })], { orderOf: (topic) => table.has(topic) })
      const admin = new TopicAdmin(cluster.client())

      const [applied] = await admin.apply('orders', await admin.plan({ topic: 'orders', order: false }, []))

      expect(applied).toMatchObject({ verified: true, found: { order: false } })
    })
  })
})

describe('waiting until a topic is visible', () => {
  async function planned(): Promise<{
    cluster: FakeCluster
    admin: TopicAdmin
    plan: Awaited<ReturnType<TopicAdmin['plan']>>
  }> {
    const cluster = new FakeCluster()
    tellClusters(cluster.nameServer, { c: ['a'] })
    topicBroker(cluster, 'a:1', [])
    const admin = new TopicAdmin(cluster.client())
    return { cluster, admin, plan: await admin.plan({ topic: 'orders', queues: 4 }, []) }
  }

  test('ends when the name server tells it with its queues', async () => {
    const { cluster, admin, plan } = await planned()
    const visible = admin.visible('orders', plan, 5000)

    await cluster.clock.advance(1000)
    cluster.routes.set('orders', routeOf([{ name: 'a', addresses: { 0: 'a:1' }, read: 4, write: 4 }]))
    await cluster.clock.advance(200)

    expect(await visible).toBe(true)
  })

  test('gives up when the time is over', async () => {
    const { cluster, admin, plan } = await planned()
    cluster.routes.set('orders', routeOf([{ name: 'a', addresses: { 0: 'a:1' }, read: 2, write: 2 }]))
    const visible = admin.visible('orders', plan, 500)

    await cluster.clock.advance(700)

    expect(await visible).toBe(false)
  })
})

describe('against the embedded broker', () => {
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })

  test('a topic is created, changed and listed', async () => {
    const clock = new VirtualClock()
    const broker = await EmbeddedBroker.start({ clock, logger: silentLogger, store: { kind: 'memory' } })
    const client = new ClientInstance({
      nameServers: [broker.address],
      clientId: 'c',
      clock,
      logger: silentLogger,
      connect: () => {
        const { client: here, server } = memoryTransportPair({ client: 'client:1', server: broker.address })
        broker.accept(server)
        return Promise.resolve(here)
      },
    })
    closing.push(
      () => client.close(),
      () => broker.close(),
    )
    const admin = new TopicAdmin(client)

    const created = await admin.apply('orders', await admin.plan({ topic: 'orders', queues: 4, order: true }, []))
    const changed = await admin.apply('orders', await admin.plan({ topic: 'orders', queues: 6 }, []))
    const { topics, errors } = await admin.list()

    expect([...created, ...changed].map(({ verified }) => verified)).toEqual([true, true])
    expect(
      await admin.visible(
        'orders',
        changed.map(({ change }) => change),
        0,
      ),
    ).toBe(true)
    expect(errors).toEqual([])
    expect(topics.filter(({ kind }) => kind === 'normal')).toEqual([
      {
        topic: 'orders',
        kind: 'normal',
        brokers: [
          { brokerName: 'broker-a', cluster: 'DefaultCluster', readQueues: 6, writeQueues: 6, perm: 6, order: true },
        ],
      },
    ])
    expect(await admin.names()).toContain('orders')
  })
})
