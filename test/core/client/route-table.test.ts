import { beforeEach, describe, expect, it } from 'vitest'
import { NameServerClient, RouteTable } from '../../../src/core/client/index.ts'
import type { TopicRouteData } from '../../../src/core/protocol/bodies/topic-route.ts'
import { ResponseCode } from '../../../src/core/protocol/index.ts'
import { RemotingClient } from '../../../src/core/remoting/index.ts'
import { FakeNetwork, type FakePeer, FakeRefusal } from '../../support/fake-network.ts'
import { routeOf } from '../../support/fake-routes.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const NAME_SERVER = 'ns:9876'
const a1 = routeOf([{ name: 'a', addresses: { 0: 'a:1' } }])
const a2 = routeOf([{ name: 'a', addresses: { 0: 'a:2' } }])

let clock: VirtualClock
let nameServer: FakePeer
let routes: RouteTable
let warnings: string[]
/** What the name server knows. */
let known: Map<string, TopicRouteData | FakeRefusal | 'silence'>

beforeEach(() => {
  clock = new VirtualClock()
  const network = new FakeNetwork(clock)
  known = new Map()
  warnings = []
  nameServer = network.listen(NAME_SERVER).on('getRouteInfoByTopic', ({ topic }) => {
    const answer = known.get(topic) ?? new FakeRefusal(ResponseCode.TOPIC_NOT_EXIST, 'No topic route info')
    if (answer === 'silence') return undefined
    return answer instanceof FakeRefusal ? answer : { outcome: 'OK', body: answer }
  })
  const remoting = new RemotingClient({ connect: network.connect, clock })
  const logger = { debug: () => undefined, info: () => undefined, warn: (text: string) => warnings.push(text) }
  routes = new RouteTable({ nameServer: new NameServerClient({ addresses: [NAME_SERVER], remoting }), logger })
})

function asked(): string[] {
  return nameServer.requests('getRouteInfoByTopic').map((request) => request.topic)
}

describe('RouteTable', () => {
  it('asks for strict JSON, once for callers at the same time, and answers from memory then', async () => {
    known.set('T', a1)

    const [one, two] = await Promise.all([routes.get('T'), routes.refresh('T')])
    const three = await routes.get('T')

    expect(one?.data).toEqual(a1)
    expect(two).toBe(one)
    expect(three).toBe(one)
    expect(routes.cached('T')).toBe(one)
    expect(nameServer.requests('getRouteInfoByTopic')).toEqual([{ topic: 'T', acceptStandardJsonOnly: true }])
  })

  it('says undefined for a topic no name server knows, and asks again the next time', async () => {
    expect(await routes.get('T')).toBeUndefined()
    known.set('T', a1)

    expect((await routes.get('T'))?.topic).toBe('T')
  })

  it('rejects when no name server answers: that is no "unknown topic"', async () => {
    known.set('T', 'silence')
    const asking = expect(routes.get('T')).rejects.toThrow('ns:9876 did not answer')

    await clock.advance(3000)

    await asking
  })

  it('rejects for a damaged route and goes on with the last good one', async () => {
    known.set('T', a1)
    await routes.refresh('T')
    known.set('T', { ...a1, queueDatas: [{ ...a1.queueDatas[0]!, perm: 'rw' as never }] })

    await expect(routes.refresh('T')).rejects.toThrow(/perm: expected a safe integer/)

    expect(routes.cached('T')?.data).toEqual(a1)
  })

  it('lets one caller give up without taking the answer from the others', async () => {
    known.set('T', a1)
    const controller = new AbortController()
    const impatient = routes.get('T', { signal: controller.signal })
    const patient = routes.get('T')

    controller.abort(new Error('enough'))

    await expect(impatient).rejects.toThrow('enough')
    await expect(patient).resolves.toMatchObject({ topic: 'T' })
  })

  it('keeps the route of a topic the name server has lost: its broker may be restarting', async () => {
    known.set('T', a1)
    await routes.get('T')
    known.delete('T')

    expect(await routes.refresh('T')).toBeUndefined()

    expect(routes.masterOf('a')).toBe('a:1')
  })

  it('tells listeners of new and changed routes only, until they stop', async () => {
    const told: string[] = []
    const stop = routes.onChange((route) => told.push(`${route.topic} ${routes.masterOf('a') ?? ''}`))
    known.set('T', a1)

    await routes.refresh('T')
    await routes.refresh('T')
    known.set('T', a2)
    await routes.refresh('T')
    stop()
    known.set('T', a1)
    await routes.refresh('T')

    expect(told).toEqual(['T a:1', 'T a:2'])
  })
})

describe('refreshing routes', () => {
  it('asks for what is watched, once however often it is watched, until it is unwatched as often', async () => {
    known.set('T', a1)
    routes.watch('T')
    routes.watch('T')
    await routes.refreshWatched()
    routes.unwatch('T')
    await routes.refreshWatched()
    routes.unwatch('T')
    await routes.refreshWatched()

    expect(asked()).toEqual(['T', 'T'])
  })

  it('goes on with the other topics when one fails, and tells it once for all', async () => {
    known.set('Good', a1)
    for (const topic of ['Bad1', 'Bad2', 'Bad3']) known.set(topic, new FakeRefusal(ResponseCode.NO_PERMISSION, 'no'))
    for (const topic of ['Bad1', 'Good', 'Bad2', 'Bad3', 'Unknown']) routes.watch(topic)

    await routes.refreshWatched()

    expect(routes.cached('Good')?.data).toEqual(a1)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(/^cannot refresh the route of Bad1 and 2 more: .*NO_PERMISSION/)
  })

  it('ends with the reason of its signal and does not complain then', async () => {
    known.set('T', 'silence')
    routes.watch('T')
    const controller = new AbortController()
    const refreshing = routes.refreshWatched({ signal: controller.signal })

    controller.abort(new Error('closed'))

    await expect(refreshing).rejects.toThrow('closed')
    expect(warnings).toEqual([])
  })

  it('forgets an unwatched topic, with its brokers, when nobody asked for it between two refreshes', async () => {
    known.set('T', a1)
    await routes.get('T')

    await routes.refreshWatched()
    expect(routes.masterOf('a')).toBe('a:1')
    await routes.get('T')
    await routes.refreshWatched()
    expect(routes.cached('T')).toBeDefined()
    await routes.refreshWatched()

    expect(routes.cached('T')).toBeUndefined()
    expect(routes.brokers()).toEqual([])
  })
})

describe('addresses of brokers', () => {
  it('are those of the route learned last, all of them: what older routes say has moved', async () => {
    known.set('Old', routeOf([{ name: 'a', addresses: { 0: 'a:1', 1: 'slave:1' } }]))
    known.set('New', a2)
    await routes.get('Old')
    await routes.get('New')

    expect(routes.brokers()).toEqual([{ brokerName: 'a', brokerId: 0, address: 'a:2' }])
    expect(routes.addressesFor('Old')).toEqual(['a:2'])

    await routes.refresh('Old')

    expect(routes.masterOf('a')).toBe('a:1')
    expect(routes.brokers().map((broker) => broker.address)).toEqual(['a:1', 'slave:1'])
  })

  it('lead writers to the master only and readers to the wanted replica, the next, or any', async () => {
    known.set('T', routeOf([{ name: 'a', addresses: { 0: 'm:1', 2: 's2:1' } }]))
    known.set('S', routeOf([{ name: 'b', addresses: { 3: 's3:1' } }]))
    await routes.get('T')
    await routes.get('S')

    expect(routes.masterOf('a')).toBe('m:1')
    expect(routes.masterOf('b')).toBeUndefined()
    expect([0, 1, 2, 7].map((id) => routes.replicaOf('a', id)?.address)).toEqual(['m:1', 's2:1', 's2:1', 'm:1'])
    expect(routes.replicaOf('b', 0)).toEqual({ brokerName: 'b', brokerId: 3, address: 's3:1' })
    expect(routes.replicaOf('c', 0)).toBeUndefined()
  })

  it('are one for each broker of a topic, the master if there is one', async () => {
    known.set(
      'T',
      routeOf([
        { name: 'a', addresses: { 1: 's:1', 0: 'm:1' } },
        { name: 'b', addresses: { 2: 's:2' } },
        { name: 'c', addresses: {} },
      ]),
    )
    await routes.get('T')

    expect(routes.addressesFor('T')).toEqual(['m:1', 's:2'])
    expect(routes.addressesFor('Unknown')).toEqual([])
  })

  it('are looked for anew when the broker wanted has none', async () => {
    known.set('T', routeOf([{ name: 'a', addresses: { 1: 's:1' } }]))
    await routes.get('T')
    known.set('T', routeOf([{ name: 'a', addresses: { 0: 'm:1', 1: 's:1' } }]))

    expect(await routes.findMaster('a', 'T')).toBe('m:1')
    expect(await routes.findMaster('a', 'T')).toBe('m:1')
    expect(await routes.findReplica('a', 'T', 1)).toMatchObject({ address: 's:1' })
    expect(await routes.findReplica('b', 'T', 0)).toBeUndefined()
    expect(asked()).toEqual(['T', 'T', 'T'])
  })
})
