import { describe, expect, it } from 'vitest'
import { autoCreateRoute } from '../../../src/core/client/index.ts'
import { sameRoute, topicRoute } from '../../../src/core/client/topic-route.ts'
import { type MessageQueue, Perm, queueName } from '../../../src/core/protocol/index.ts'
import { type FakeBroker, routeOf } from '../../support/fake-routes.ts'

function names(queues: readonly MessageQueue[]): string {
  return queues.map(queueName).join(' ')
}

function queuesOf(brokers: readonly FakeBroker[], orderTopicConf?: string): { subscribe: string; publish: string } {
  const { subscribeQueues, publishQueues } = topicRoute('T', routeOf(brokers, orderTopicConf))
  return { subscribe: names(subscribeQueues), publish: names(publishQueues) }
}

const master = { 0: 'a:1' }

describe('the queues of a route', () => {
  it('are read and written in their own numbers, sorted by broker and id', () => {
    const brokers = [
      { name: 'broker-b', addresses: master, read: 1, write: 2 },
      { name: 'broker-a', addresses: master, read: 11, write: 1 },
    ]

    const { subscribe, publish } = queuesOf(brokers)

    expect(publish).toBe('broker-a:0 broker-b:0 broker-b:1')
    expect(subscribe.split(' ')).toHaveLength(12)
    expect(subscribe).toMatch(/^broker-a:0 broker-a:1 broker-a:2 .* broker-a:9 broker-a:10 broker-b:0$/)
  })

  it('sort brokers by code units, as every Java member does', () => {
    const brokers = ['b', 'B', 'ä', 'a'].map((name) => ({ name, addresses: master, read: 1, write: 1 }))

    expect(queuesOf(brokers)).toEqual({ subscribe: 'B:0 a:0 b:0 ä:0', publish: 'B:0 a:0 b:0 ä:0' })
  })

  it.each([
    [Perm.READ | Perm.WRITE, 'a:0', 'a:0'],
    [Perm.READ | Perm.WRITE | Perm.INHERIT, 'a:0', 'a:0'],
    [Perm.READ, 'a:0', ''],
    [Perm.WRITE, '', 'a:0'],
    [0, '', ''],
  ])('follow the permission bits %i', (perm, subscribe, publish) => {
    expect(queuesOf([{ name: 'a', addresses: master, read: 1, write: 1, perm }])).toEqual({ subscribe, publish })
  })

  it('are still read but not written when a broker has lost its master', () => {
    const brokers = [{ name: 'a', addresses: { 1: 'slave:1' }, read: 2, write: 2 }]

    expect(queuesOf(brokers)).toEqual({ subscribe: 'a:0 a:1', publish: '' })
  })

  it('are written as the order configuration says, which readers ignore', () => {
    const brokers = [
      { name: 'a', addresses: master, read: 1, write: 1 },
      { name: 'b', addresses: { 1: 'slave:1' }, read: 1, write: 1 },
    ]

    const { subscribe, publish } = queuesOf(brokers, 'b:2;a:1')

    expect(publish).toBe('b:0 b:1 a:0')
    expect(subscribe).toBe('a:0 b:0')
  })

  it('leave out the parts of an order configuration that are damaged', () => {
    const brokers = [{ name: 'a', addresses: master, read: 1, write: 1 }]

    expect(queuesOf(brokers, ' a:2 ;;b;c:x;:3;d:-1;e:1e9').publish).toBe('a:0 a:1')
    expect(queuesOf(brokers, '').publish).toBe('a:0')
  })

  it('count once when a broker is named twice', () => {
    const brokers = [
      { name: 'a', addresses: master, read: 1, write: 1 },
      { name: 'a', addresses: master, read: 2, write: 2 },
    ]

    expect(queuesOf(brokers)).toEqual({ subscribe: 'a:0 a:1', publish: 'a:0 a:1' })
    expect(queuesOf(brokers, 'a:1;a:2').publish).toBe('a:0 a:1')
  })

  it('are none for a negative number and no more than memory bears for an absurd one', () => {
    const damaged = topicRoute('T', routeOf([{ name: 'a', addresses: master, read: -1, write: 2_147_483_647 }]))

    expect(damaged.subscribeQueues).toEqual([])
    expect(damaged.publishQueues).toHaveLength(65_536)
  })
})

describe('sameRoute', () => {
  const brokers = [
    { name: 'a', addresses: { 0: 'a:1', 1: 'a:2' } },
    { name: 'b', addresses: { 0: 'b:1' } },
  ]

  it('does not mind the order in which brokers are told', () => {
    expect(sameRoute(routeOf(brokers), routeOf([...brokers].reverse()))).toBe(true)
  })

  it.each<[string, FakeBroker]>([
    ['an address', { name: 'b', addresses: { 0: 'b:9' } }],
    ['a replica', { name: 'b', addresses: { 0: 'b:1', 1: 'b:2' } }],
    ['the queues to read', { name: 'b', addresses: { 0: 'b:1' }, read: 5 }],
    ['the queues to write', { name: 'b', addresses: { 0: 'b:1' }, write: 5 }],
    ['a permission', { name: 'b', addresses: { 0: 'b:1' }, perm: 4 }],
  ])('notices a change of %s', (_what, changed) => {
    expect(sameRoute(routeOf(brokers), routeOf([brokers[0]!, changed]))).toBe(false)
  })

  it('notices a change of the order configuration and a broker that has left', () => {
    expect(sameRoute(routeOf(brokers), routeOf(brokers, 'a:1'))).toBe(false)
    expect(sameRoute(routeOf(brokers), routeOf(brokers.slice(1)))).toBe(false)
  })
})

describe('autoCreateRoute', () => {
  it('has as many queues as a broker will create: the template has its say, and 4 are enough', () => {
    const template = topicRoute(
      'TBW102',
      routeOf([
        { name: 'a', addresses: master, read: 8, write: 8, perm: 7 },
        { name: 'b', addresses: master, read: 8, write: 2, perm: 7 },
      ]),
    )

    const route = autoCreateRoute('New', template)

    expect(names(route.publishQueues)).toBe('a:0 a:1 a:2 a:3 b:0 b:1')
    expect(route.publishQueues.every((queue) => queue.topic === 'New')).toBe(true)
  })
})
