import { expect, test } from 'vitest'
import { expecting, withExpected } from '../../../src/core/client/expected-brokers.ts'
import { ConnectionError } from '../../../src/core/errors.ts'

const info = {
  clusterAddrTable: new Map([
    ['west', ['broker-w']],
    ['east', ['broker-a']],
  ]),
  brokerAddrTable: new Map(
    ['broker-a', 'broker-w'].map((brokerName) => [
      brokerName,
      { brokerName, cluster: 'c', brokerAddrs: new Map([[0, '127.0.0.1:10911']]) },
    ]),
  ),
}

test('a cluster with all that is expected of it stays as it is', () => {
  expect(withExpected(info, [])).toBe(info)
  expect(withExpected(info, ['broker-a', 'broker-w'])).toBe(info)
})

test('a broker that is missing counts to the first cluster, with its name for an address', () => {
  const { clusterAddrTable, brokerAddrTable } = withExpected(info, ['broker-a', 'broker-b'])
  expect([...clusterAddrTable]).toEqual([
    ['west', ['broker-w']],
    ['east', ['broker-a', 'broker-b']],
  ])
  expect(brokerAddrTable.get('broker-b')?.brokerAddrs).toEqual(new Map([[0, 'broker-b']]))
})

test('where no broker is left, those that are expected are told', () => {
  const { clusterAddrTable } = withExpected({ clusterAddrTable: new Map(), brokerAddrTable: new Map() }, ['broker-a'])
  expect([...clusterAddrTable]).toEqual([['', ['broker-a']]])
})

test('who connects to a broker by its name is told that nobody knows it, and to any other address as before', async () => {
  const asked: string[] = []
  const connect = expecting(
    (address) => {
      asked.push(address)
      return Promise.reject(new Error('as before'))
    },
    ['broker-b'],
  )
  await expect(connect('broker-b', {})).rejects.toThrow(ConnectionError)
  await expect(connect('broker-b', {})).rejects.toThrow('no name server knows broker-b, which is expected')
  await expect(connect('127.0.0.1:10911', {})).rejects.toThrow('as before')
  expect(asked).toEqual(['127.0.0.1:10911'])
})
