import { expect, test } from 'vitest'
import { FanOut } from '../../../../src/core/admin/offsets/fan-out.ts'
import { noteLostBrokers } from '../../../../src/core/admin/offsets/lost-brokers.ts'
import { plantedInfo } from '../../../support/planted-members.ts'

const brokers = {
  masters: [{ cluster: 'c', brokerName: 'broker-a', address: '127.0.0.1:10911' }],
  clusters: ['c'],
  withoutMaster: ['broker-r'],
}

function lost(topic: string | undefined, ...held: readonly (readonly [topic: string, brokerName: string])[]): string[] {
  const fanOut = new FanOut()
  const holds = held.map(([of, brokerName]) => ({ topic: of, brokerName, queueId: 0 }))
  const about = { addresses: [], language: 'JAVA', version: 453 }
  const members = [
    { ...about, clientId: 'silent', info: undefined, silent: 'unanswered' as const },
    { ...about, clientId: 'a', info: plantedInfo({ holds, subscriptions: {} }), silent: undefined },
  ]
  noteLostBrokers(members, { brokers, topic, fanOut })
  return fanOut.errors.map(({ source, error }) => `${source}: ${error.message}`)
}

test('a broker nobody knows any more is told once, with who holds its queues', () => {
  expect(lost(undefined, ['orders', 'broker-a'], ['orders', 'broker-b'], ['refunds', 'broker-b'])).toEqual([
    'broker-b: no name server knows broker-b, and a holds queues of it',
  ])
})

test('a broker with replicas only is known, as is what stands for the broker of a static topic', () => {
  expect(lost(undefined, ['orders', 'broker-r'], ['orders', '__syslo__global__'])).toEqual([])
})

test('of one topic, queues of others do not count', () => {
  expect(lost('orders', ['refunds', 'broker-b'])).toEqual([])
  expect(lost('orders', ['orders', 'broker-b'])).toHaveLength(1)
})
