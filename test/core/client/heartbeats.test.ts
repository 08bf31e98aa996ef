import { beforeEach, describe, expect, it } from 'vitest'
import type { ClientInstance } from '../../../src/core/client/index.ts'
import { AuthorizationError, UsageError } from '../../../src/core/errors.ts'
import { ResponseCode } from '../../../src/core/protocol/index.ts'
import { FakeCluster } from '../../support/fake-cluster.ts'
import { FakeMember } from '../../support/fake-member.ts'
import { type FakePeer, FakeRefusal } from '../../support/fake-network.ts'
import { routeOf } from '../../support/fake-routes.ts'

let cluster: FakeCluster
let client: ClientInstance
let a: FakePeer
let slave: FakePeer
let b: FakePeer

beforeEach(async () => {
  cluster = new FakeCluster()
  a = cluster.broker('a:1')
  slave = cluster.broker('a:2')
  b = cluster.broker('b:1')
  cluster.routes.set(
    'T',
    routeOf([
      { name: 'a', addresses: { 0: 'a:1', 1: 'a:2' } },
      { name: 'b', addresses: { 0: 'b:1' } },
    ]),
  )
  client = cluster.client()
  client.routes.watch('T')
  await client.routes.get('T')
})

function heartbeats(): number[] {
  return [a, slave, b].map((peer) => peer.count('heartBeat'))
}

/** The groups a broker heard of in its last heartbeat. */
function lastHeard(peer: FakePeer): string {
  const body = peer.requests('heartBeat').at(-1)?.body
  const names = [...(body?.consumerDataSet ?? []), ...(body?.producerDataSet ?? [])].map((data) => data.groupName)
  return names.join(' ')
}

describe('heartbeats', () => {
  it('say who is here, what it wants and which producers live beside it, as Java brokers read it', async () => {
    client.join(new FakeMember('g', ['T', '%RETRY%g']))
    client.addProducer('p')

    await client.heartbeat()

    expect(a.requests('heartBeat')[0]?.body).toEqual({
      clientID: '10.0.0.1@1#1',
      consumerDataSet: [new FakeMember('g', ['T', '%RETRY%g']).heartbeat()],
      heartbeatFingerprint: 0,
      producerDataSet: [{ groupName: 'p' }],
      withoutSub: false,
    })
  })

  it('go to every replica with a consumer, to masters only without, and nowhere with nothing to say', async () => {
    await client.heartbeat()
    expect(heartbeats()).toEqual([0, 0, 0])

    client.addProducer('p')
    await client.heartbeat()
    expect(heartbeats()).toEqual([1, 0, 1])

    client.join(new FakeMember('g'))
    await client.heartbeat()
    expect(heartbeats()).toEqual([2, 1, 2])
    await client.close()
  })

  it('are sent every 30 s, and only once the client is started', async () => {
    client.join(new FakeMember('g'))
    await cluster.clock.advance(90_000)
    expect(heartbeats()).toEqual([0, 0, 0])

    client.start()
    client.start()
    await cluster.clock.advance(29_999)
    expect(heartbeats()).toEqual([1, 1, 1])
    await cluster.clock.advance(30_001)
    expect(heartbeats()).toEqual([3, 3, 3])

    await client.close()
    await cluster.clock.advance(90_000)
    expect(heartbeats()).toEqual([3, 3, 3])
    expect(cluster.clock.pending).toBe(0)
  })

  it('asked for while one is under way follow it, once for all who asked, and say what is so then', async () => {
    const member = new FakeMember('g', ['T'])
    client.join(member)
    const answers: (() => void)[] = []
    a.on('heartBeat', () => new Promise((resolve) => answers.push(() => resolve({ outcome: 'OK' }))))

    const first = client.heartbeat()
    await cluster.clock.settle()
    member.topics.push('U')
    let followed = false
    const asked = Promise.all([client.heartbeat(), client.heartbeat()]).then(() => {
      followed = true
    })
    await cluster.clock.settle()
    expect(answers).toHaveLength(1)
    answers[0]?.()
    await first
    await cluster.clock.settle()
    expect(followed).toBe(false)
    answers[1]?.()
    await asked

    const topics = a.requests('heartBeat').map(({ body }) => body.consumerDataSet[0]?.subscriptionDataSet.length)
    expect(topics).toEqual([1, 2])
  })

  it('to the others do not wait for a broker that hangs', async () => {
    client.join(new FakeMember('g'))
    a.on('heartBeat', () => undefined)

    void client.heartbeat()
    void client.heartbeat()
    await cluster.clock.settle()

    expect(heartbeats()).toEqual([1, 2, 2])
    await cluster.clock.advance(6000)
    expect(cluster.log).toContain('heartbeat to a:1 failed: a:1 did not answer heartBeat within 3000 ms')
  })

  it('that get no answer twice in a row have the connection made anew: nobody may be at its other end', async () => {
    const member = new FakeMember('g')
    client.join(member)
    client.start()
    await cluster.clock.advance(1000)
    a.on('heartBeat', () => undefined)

    await cluster.clock.advance(65_500)
    expect([a.connections, a.channels.size]).toEqual([1, 0])
    a.on('heartBeat', () => ({ outcome: 'OK' }))
    await cluster.clock.advance(1000)

    expect(a.connections).toBe(2)
    expect(member.changes).toBe(1)
    await client.close()
  })

  it('say who does not let a newcomer in, and nothing else that fails', async () => {
    client.join(new FakeMember('g'))
    a.on('heartBeat', () => undefined)
    slave.on('heartBeat', () => new FakeRefusal(ResponseCode.SYSTEM_ERROR, 'out of order'))
    const announced = client.announce()
    await cluster.clock.advance(3000)
    await announced

    b.on('heartBeat', () => new FakeRefusal(ResponseCode.NO_PERMISSION, 'check signature failed.'))
    const refused = expect(client.announce()).rejects.toBeInstanceOf(AuthorizationError)
    await cluster.clock.advance(3000)
    await refused
    const heartbeat = client.heartbeat()
    await cluster.clock.advance(3000)
    await heartbeat
  })

  it('that are refused are told when they were accepted before; else whoever joined knows', async () => {
    client.join(new FakeMember('g'))
    for (const peer of [a, slave, b]) {
      peer.on('heartBeat', () => new FakeRefusal(ResponseCode.NO_PERMISSION, 'check signature failed.'))
    }
    await client.heartbeat()
    expect(cluster.log).toEqual([])

    a.on('heartBeat', () => ({ outcome: 'OK' }))
    await client.heartbeat()
    a.on('heartBeat', () => new FakeRefusal(ResponseCode.NO_PERMISSION, 'check signature failed.'))
    await client.heartbeat()

    expect(cluster.log).toEqual([
      'heartbeat to a:1 failed: a:1 refused heartBeat with NO_PERMISSION (16): check signature failed.',
    ])
  })

  it('are sent when a producer joins a client that runs', async () => {
    client.start()
    client.addProducer('p')
    client.addProducer('p')
    await cluster.clock.settle()

    expect(heartbeats()).toEqual([1, 0, 1])
    expect(lastHeard(a)).toBe('p')
    await client.close()
  })
})

describe('leaving a group', () => {
  it('takes it off the list of every connected broker, replicas too, and the others stay', async () => {
    client.join(new FakeMember('g'))
    client.join(new FakeMember('h'))
    await client.heartbeat()

    await client.leave('g')
    await client.leave('g')

    for (const peer of [a, slave, b]) {
      expect(peer.requests('unregisterClient')).toEqual([{ clientID: '10.0.0.1@1#1', consumerGroup: 'g' }])
    }
    await client.heartbeat()
    expect(lastHeard(a)).toBe('h')
  })

  it('asks nothing of a broker it has no connection to', async () => {
    client.join(new FakeMember('g'))

    await client.leave('g')

    expect([a, slave, b].map((peer) => peer.connections)).toEqual([0, 0, 0])
  })

  it('follows a heartbeat under way, which the broker might handle after it', async () => {
    client.join(new FakeMember('g'))
    let answer: () => void = () => undefined
    a.on('heartBeat', () => new Promise((resolve) => (answer = () => resolve({ outcome: 'OK' }))))
    void client.heartbeat()
    await cluster.clock.settle()

    const leaving = client.leave('g')
    await cluster.clock.settle()
    expect(a.count('unregisterClient')).toBe(0)
    answer()
    await leaving

    expect(a.seen.map((request) => request.name)).toEqual(['heartBeat', 'unregisterClient'])
  })

  it('does not wait for a broker that hangs, but says it to it', async () => {
    client.join(new FakeMember('g'))
    await client.heartbeat()
    a.on('heartBeat', () => undefined)
    b.on('unregisterClient', () => undefined)
    void client.heartbeat()
    await cluster.clock.settle()

    let left = false
    void client.leave('g').then(() => {
      left = true
    })
    await cluster.clock.advance(999)
    expect(left).toBe(false)
    await cluster.clock.advance(1)

    expect(left).toBe(true)
    expect(a.seen.at(-1)).toMatchObject({ name: 'unregisterClient', oneway: true })
    expect(slave.count('unregisterClient')).toBe(1)
  })

  it('waits for the last producer of a group', async () => {
    client.addProducer('p')
    client.addProducer('p')
    await client.heartbeat()

    await client.removeProducer('p')
    expect(a.count('unregisterClient')).toBe(0)
    await client.removeProducer('p')
    await client.removeProducer('p')

    expect(a.requests('unregisterClient')).toEqual([{ clientID: '10.0.0.1@1#1', producerGroup: 'p' }])
    expect(slave.connections).toBe(0)
  })

  it('is needed before another consumer of the group can join', async () => {
    client.join(new FakeMember('g'))

    expect(() => {
      client.join(new FakeMember('g'))
    }).toThrow(UsageError)
    await client.leave('g')
    client.join(new FakeMember('g'))
  })
})
