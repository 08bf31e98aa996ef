import { expect, test } from 'vitest'
import { findByKey } from '../../../../src/core/admin/messages/find-by-key.ts'
import { FakeCluster } from '../../../support/fake-cluster.ts'
import { message } from '../../../support/messages.ts'

test('goes back in time past the limit of a broker, and reads the seconds that hold more than it tells', async () => {
  // 150 a minute apart, then 100 within one second, then 10 a minute apart.
  const times = [
    ...Array.from({ length: 150 }, (_, i) => i * 60_000),
    ...Array.from({ length: 100 }, (_, i) => 9_500_000 + i),
    ...Array.from({ length: 10 }, (_, i) => 10_000_000 + i * 60_000),
  ]
  const stored = times.map((storeTimestamp, queueOffset) =>
    message({ queueOffset, storeTimestamp: storeTimestamp + 100_000, properties: { KEYS: 'a k' } }),
  )
  const stranger = message({ queueOffset: 260, storeTimestamp: 20_000_000, properties: { KEYS: 'b' } })
  const cluster = new FakeCluster()
  const asked: bigint[] = []
  const broker = cluster
    .broker('broker-a:1')
    .on('queryMessage', ({ endTimestamp }) => {
      asked.push(endTimestamp)
      const until = Number(endTimestamp / 1000n) * 1000 + 999
      const found = [...stored, stranger].filter(({ storeTimestamp }) => storeTimestamp <= until).slice(-64)
      return { outcome: 'OK', body: Buffer.concat(found.map(({ record }) => record)) }
    })
    .on('searchOffsetByTimestamp', ({ timestamp }) => ({
      outcome: 'OK',
      offset: stored.findIndex(({ storeTimestamp }) => storeTimestamp >= timestamp),
    }))
    .on('pullMessage', ({ queueId, queueOffset }) => {
      const page = queueId > 0 ? [] : stored.slice(queueOffset, queueOffset + 32)
      const bounds = { suggestWhichBrokerId: 0, minOffset: 0, maxOffset: 260 }
      return page.length === 0
        ? { outcome: 'NO_NEW', nextBeginOffset: queueOffset, ...bounds, body: Buffer.alloc(0) }
        : {
            outcome: 'FOUND',
            nextBeginOffset: queueOffset + page.length,
            ...bounds,
            body: Buffer.concat(page.map(({ record }) => record)),
          }
    })
  broker.version = 513
  cluster.place('orders', 'broker-a')

  const { messages, errors } = await findByKey(cluster.client(), { topic: 'orders', key: 'k' }, { timeoutMs: 1000 })

  expect(errors).toEqual([])
  expect(messages.map(({ queueOffset }) => queueOffset)).toEqual(times.map((_, offset) => offset))
  expect(asked.length).toBeLessThan(10)
})
