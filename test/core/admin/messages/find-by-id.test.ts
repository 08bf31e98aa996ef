import { expect, test } from 'vitest'
import { findById } from '../../../../src/core/admin/messages/find-by-id.ts'
import { ResponseCode } from '../../../../src/core/protocol/index.ts'
import { FakeCluster } from '../../../support/fake-cluster.ts'
import { FakeRefusal } from '../../../support/fake-network.ts'
import { message } from '../../../support/messages.ts'

const wait = { timeoutMs: 1000 }

/** Two brokers with a topic: `a` finds a message by its place in the commit log, `b` as told. */
function clusterWith(found: Buffer, other: () => FakeRefusal): FakeCluster {
  const cluster = new FakeCluster()
  cluster.place('orders', 'a', 'b')
  cluster
    .broker('a:1')
    .on('queryMessage', () => ({ outcome: 'NOT_FOUND', body: Buffer.alloc(0) }))
    .on('viewMessageById', () => ({ outcome: 'OK', body: found }))
  cluster.broker('b:1').on('queryMessage', other).on('viewMessageById', other)
  return cluster
}

test('names a broker that did not answer, with what the others know', async () => {
  const sent = message({ topic: 'orders' })
  const cluster = clusterWith(sent.record, () => new FakeRefusal(ResponseCode.NO_PERMISSION))

  const { messages, errors } = await findById(cluster.client(), { topic: 'orders', id: sent.offsetMsgId }, wait)

  expect(messages.map(({ offsetMsgId, brokerName }) => [offsetMsgId, brokerName])).toEqual([[sent.offsetMsgId, 'a']])
  expect(errors.map(({ source }) => source)).toEqual(['b'])
})

test.each([
  ['another message', message({ commitLogOffset: 8192n }).record],
  ['the middle of a record', Buffer.from('nothing that is a record')],
])('takes %s at that place for none', async (_, found) => {
  const cluster = clusterWith(found, () => new FakeRefusal(ResponseCode.SYSTEM_ERROR))
  const { offsetMsgId: id } = message({ topic: 'orders' })

  expect((await findById(cluster.client(), { topic: 'orders', id }, wait)).messages).toEqual([])
})

test('tells in which topic a message is that is not in the one asked for', async () => {
  const sent = message({ topic: 'payments' })
  const cluster = clusterWith(sent.record, () => new FakeRefusal(ResponseCode.SYSTEM_ERROR))

  const found = await findById(cluster.client(), { topic: 'orders', id: sent.offsetMsgId }, wait)

  expect([found.messages, found.elsewhere]).toEqual([[], 'payments'])
})
