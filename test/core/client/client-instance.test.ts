import { beforeEach, describe, expect, it } from 'vitest'
import { FakeCluster } from '../../support/fake-cluster.ts'
import { FakeMember } from '../../support/fake-member.ts'
import type { FakePeer } from '../../support/fake-network.ts'
import { routeOf } from '../../support/fake-routes.ts'

let cluster: FakeCluster
let member: FakeMember

beforeEach(() => {
  cluster = new FakeCluster()
  member = new FakeMember('g')
})

function place(topic: string, ...addresses: readonly (readonly [name: string, address: string])[]): void {
  cluster.routes.set(topic, routeOf(addresses.map(([name, address]) => ({ name, addresses: { 0: address } }))))
}

/** A running client with one consumer of topic T. */
async function running() {
  const client = cluster.client()
  client.start()
  client.routes.watch('T')
  await client.routes.get('T')
  client.join(member)
  await client.heartbeat()
  member.changes = 0
  return client
}

function beats(peer: FakePeer): number {
  return peer.count('heartBeat')
}

describe('ClientInstance', () => {
  it('refreshes routes every 30 s, tells a new broker of itself at once and has its consumers rebalance', async () => {
    const a = cluster.broker('a:1')
    const b = cluster.broker('b:1')
    place('T', ['a', 'a:1'])
    const client = await running()

    place('T', ['a', 'a:1'], ['b', 'b:1'])
    await cluster.clock.advance(29_999)
    expect(b.connections).toBe(0)
    await cluster.clock.advance(1)

    expect(beats(b)).toBe(1)
    expect(member.changes).toBe(1)
    expect(cluster.nameServer.count('getRouteInfoByTopic')).toBe(2)
    expect(beats(a)).toBe(2)
    await client.close()
  })

  it('lets a broker go that no route names any more, and closes its connection', async () => {
    const a = cluster.broker('a:1')
    const b = cluster.broker('b:1')
    place('T', ['a', 'a:1'], ['b', 'b:1'])
    const client = await running()

    place('T', ['a', 'a:1'])
    await cluster.clock.advance(30_000)
    await cluster.clock.advance(60_000)

    expect(b.channels.size).toBe(0)
    expect(client.remoting.isConnected('b:1')).toBe(false)
    expect([a.channels.size, b.connections]).toEqual([1, 1])
    expect(cluster.log).toEqual(['broker b:1 has left'])
    await client.close()
  })

  it('follows a broker to its new address and closes the connection to the old one, whoever noticed', async () => {
    const old = cluster.broker('a:1')
    const moved = cluster.broker('a:2')
    place('T', ['a', 'a:1'])
    const client = await running()

    place('T', ['a', 'a:2'])
    await client.routes.refresh('T')
    await cluster.clock.settle()
    expect(beats(moved)).toBe(1)
    await cluster.clock.advance(30_000)

    expect(client.routes.masterOf('a')).toBe('a:2')
    expect(old.channels.size).toBe(0)
    await client.close()
  })

  it('does not touch connections to addresses that no route ever named', async () => {
    cluster.broker('a:1')
    place('T', ['a', 'a:1'])
    const client = await running()
    const other = cluster.broker('other:1')
    await client.remoting.connect('other:1')

    await cluster.clock.advance(60_000)

    expect(other.channels.size).toBe(1)
    await client.close()
  })

  it('connects again by itself to a broker that comes back, tells it who is here and rebalances', async () => {
    cluster.broker('a:1')
    place('T', ['a', 'a:1'])
    const client = await running()

    cluster.network.shut('a:1')
    await cluster.clock.advance(5000)
    const again = cluster.broker('a:1')
    await cluster.clock.advance(4000)

    expect(again.connections).toBe(1)
    expect(again.requests('heartBeat').map(({ body }) => body.consumerDataSet[0]?.groupName)).toEqual(['g'])
    expect(member.changes).toBe(1)
    await client.close()
  })

  it('keeps trying at growing intervals while a broker is down, without a word for each attempt', async () => {
    cluster.broker('a:1')
    place('T', ['a', 'a:1'])
    const client = await running()

    cluster.network.shut('a:1')
    await cluster.clock.advance(29_000)
    expect(cluster.log).toEqual([])
    await cluster.clock.advance(2000)

    expect(cluster.log).toEqual(['heartbeat to a:1 failed: cannot connect to a:1: connection refused'])
    await client.close()
    expect(cluster.clock.pending).toBe(0)
  })

  it('makes no lost connection again that nobody needs', async () => {
    const a = cluster.broker('a:1')
    place('T', ['a', 'a:1'])
    const client = await running()
    await client.leave('g')

    a.breakConnections()
    await cluster.clock.advance(20_000)

    expect(a.connections).toBe(1)
    await client.close()
  })

  it('tells a broker it meets again of its producers, whoever connected', async () => {
    const a = cluster.broker('a:1')
    place('T', ['a', 'a:1'])
    const client = cluster.client()
    client.addProducer('p')
    client.start()
    await client.routes.get('T')
    await cluster.clock.settle()
    expect(beats(a)).toBe(1)

    a.breakConnections()
    await cluster.clock.settle()
    await client.remoting.connect('a:1')
    await cluster.clock.settle()

    expect(beats(a)).toBe(2)
    await client.close()
  })

  it('does nothing but what is asked for until it is started', async () => {
    const a = cluster.broker('a:1')
    place('T', ['a', 'a:1'])
    const client = cluster.client()
    client.addProducer('p')
    await client.routes.get('T')
    await client.remoting.connect('a:1')

    await cluster.clock.advance(120_000)
    expect([beats(a), cluster.nameServer.seen.length]).toEqual([0, 1])
    client.start()
    await cluster.clock.settle()

    expect(beats(a)).toBe(1)
    await client.close()
  })

  it('closes at once while a broker and the name server hang, and may be closed twice', async () => {
    const a = cluster.broker('a:1')
    place('T', ['a', 'a:1'])
    const client = await running()
    a.on('heartBeat', () => undefined)
    cluster.nameServer.on('getRouteInfoByTopic', () => undefined)
    await cluster.clock.advance(30_000)

    await Promise.all([client.close(), client.close()])
    await cluster.clock.settle()

    expect(cluster.clock.pending).toBe(0)
    expect([a.channels.size, cluster.nameServer.channels.size]).toEqual([0, 0])
    expect(cluster.log).toEqual([])
  })

  it('asks different name servers first when it has different ids', async () => {
    const peers = ['n1:1', 'n2:1', 'n3:1'].map((address) => cluster.network.listen(address))
    for (const peer of peers) {
      peer.on('getRouteInfoByTopic', () => ({ outcome: 'OK', body: routeOf([]) }))
    }
    const nameServers = peers.map((peer) => peer.address)

    for (let id = 0; id < 30; id++) {
      const client = cluster.client({ nameServers, clientId: `10.0.0.1@1#${id}` })
      await client.routes.get('T')
      await client.close()
    }

    for (const peer of peers) expect(peer.seen.length).toBeGreaterThan(2)
  })
})

describe('the namespace of a client', () => {
  it('wraps and unwraps names, and is none by default', () => {
    const client = cluster.client({ namespace: 'NS' })

    expect([client.wireName('T'), client.wireName('NS%T'), client.userName('%RETRY%NS%g')]).toEqual([
      'NS%T',
      'NS%T',
      '%RETRY%g',
    ])
    expect(cluster.client().wireName('T')).toBe('T')
  })

  it('is taken from a cloud endpoint unless another is given', () => {
    const nameServers = ['MQ_INST_1_b.mq.example.com:80']

    expect(cluster.client({ nameServers }).namespace).toBe('MQ_INST_1_b')
    expect(cluster.client({ nameServers, namespace: 'NS' }).namespace).toBe('NS')
  })
})
