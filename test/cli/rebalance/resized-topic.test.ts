import { expect, test } from 'vitest'
import { parseAddedBroker, resized } from '../../../src/cli/rebalance/resized-topic.ts'
import { UsageError } from '../../../src/core/errors.ts'

const queue = (brokerName: string, queueId: number, topic = 'orders') => ({ topic, brokerName, queueId })
const orders = { topic: 'orders', queues: [queue('b', 0), queue('b', 1)] }
const names = (queues: readonly { readonly brokerName: string; readonly queueId: number }[]) =>
  queues.map(({ brokerName, queueId }) => `${brokerName}:${queueId}`)

test('queues of a broker that would come stand where members sort them', () => {
  const { queues } = resized(orders, { queues: undefined, brokers: [{ brokerName: 'a', queues: 2 }] })

  expect(names(queues)).toEqual(['a:0', 'a:1', 'b:0', 'b:1'])
})

test('each broker that is there has so many queues, and one that comes its own number', () => {
  const { queues } = resized(orders, { queues: 3, brokers: [{ brokerName: 'c', queues: 1 }] })

  expect(names(queues)).toEqual(['b:0', 'b:1', 'b:2', 'c:0'])
})

test('a retry topic stays as it is', () => {
  const retry = { topic: '%RETRY%g', queues: [queue('b', 0, '%RETRY%g')] }

  expect(resized(retry, { queues: 8, brokers: [{ brokerName: 'b', queues: 1 }] })).toEqual(retry)
})

test('a broker is written BROKER:QUEUES', () => {
  expect(parseAddedBroker('broker-b:8')).toEqual({ brokerName: 'broker-b', queues: 8 })
  for (const text of ['broker-b', 'broker-b:0', ':8', 'broker-b:many']) {
    expect(() => parseAddedBroker(text)).toThrow(UsageError)
  }
})
