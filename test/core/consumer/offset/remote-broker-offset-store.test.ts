import { describe, expect, it } from 'vitest'
import { RemoteBrokerOffsetStore } from '../../../../src/core/consumer/offset/remote-broker-offset-store.ts'
import { BrokerResponseError, ConnectionError } from '../../../../src/core/errors.ts'
import type { RemotingClient } from '../../../../src/core/remoting/index.ts'

const queue = { topic: 'orders', brokerName: 'broker-a', queueId: 1 }
const other = { ...queue, queueId: 2 }

function setUp(options: { readonly answer?: () => unknown; readonly address?: string | undefined } = {}) {
  const sent: { how: 'invoke' | 'oneway'; name: string; request: Record<string, unknown> }[] = []
  const warnings: string[] = []
  const answer = options.answer ?? (() => ({ outcome: 'OK' }))
  const store = new RemoteBrokerOffsetStore({
    group: 'g',
    remoting: {
      invoke: async (_: string, name: string, request: unknown) => {
        sent.push({ how: 'invoke', name, request: request as Record<string, unknown> })
        return answer()
      },
      oneway: async (_: string, name: string, request: unknown) => {
        sent.push({ how: 'oneway', name, request: request as Record<string, unknown> })
        answer()
      },
    } as unknown as RemotingClient,
    addressOf: async () => ('address' in options ? options.address : '127.0.0.1:10911'),
    logger: { debug: () => undefined, info: () => undefined, warn: (text) => warnings.push(text) },
  })
  return { store, sent, warnings }
}

const refused = () => {
  const parts = { address: '127.0.0.1:10911', operation: 'queryConsumerOffset', remark: undefined }
  throw new BrokerResponseError({ ...parts, responseCode: 1, responseName: 'SYSTEM_ERROR (1)' })
}

describe('RemoteBrokerOffsetStore.readStored', () => {
  it('resolves to what the broker has', async () => {
    const { store, sent } = setUp({ answer: () => ({ outcome: 'FOUND', offset: 42 }) })

    expect(await store.readStored(queue)).toBe(42)
    expect(sent).toEqual([
      {
        how: 'invoke',
        name: 'queryConsumerOffset',
        request: { consumerGroup: 'g', topic: 'orders', queueId: 1, bname: 'broker-a' },
      },
    ])
  })

  it('tells 0 from nothing, and nothing from no answer', async () => {
    expect(await setUp({ answer: () => ({ outcome: 'FOUND', offset: 0 }) }).store.readStored(queue)).toBe(0)
    expect(await setUp({ answer: () => ({ outcome: 'NOT_FOUND' }) }).store.readStored(queue)).toBeUndefined()
    await expect(setUp({ answer: refused }).store.readStored(queue)).rejects.toThrow(BrokerResponseError)
  })

  it('fails when the broker has no address', async () => {
    await expect(setUp({ address: undefined }).store.readStored(queue)).rejects.toThrow(ConnectionError)
  })

  it('changes nothing in memory', async () => {
    const { store } = setUp({ answer: () => ({ outcome: 'FOUND', offset: 42 }) })
    store.update(queue, 50, { increaseOnly: true })

    await store.readStored(queue)

    expect(store.inMemory(queue)).toBe(50)
  })
})

describe('RemoteBrokerOffsetStore.update', () => {
  it('takes a first offset as it is, then only higher ones where it says so', () => {
    const { store } = setUp()
    expect(store.inMemory(queue)).toBeUndefined()

    store.update(queue, 5, { increaseOnly: true })
    store.update(queue, 3, { increaseOnly: true })
    expect(store.inMemory(queue)).toBe(5)
    store.update(queue, 3, { increaseOnly: false })
    expect(store.inMemory(queue)).toBe(3)
    expect(store.inMemory(other)).toBeUndefined()
  })

  it('changes a frozen offset in no way, until the queue is removed', () => {
    const { store } = setUp()
    store.update(queue, 50, { increaseOnly: true })
    store.updateAndFreeze(queue, 7)

    store.update(queue, 60, { increaseOnly: true })
    store.update(queue, 60, { increaseOnly: false })
    expect(store.inMemory(queue)).toBe(7)

    store.remove(queue)
    expect(store.inMemory(queue)).toBeUndefined()
    store.update(queue, 8, { increaseOnly: true })
    expect(store.inMemory(queue)).toBe(8)
  })
})

describe('RemoteBrokerOffsetStore.persist', () => {
  const commit = (queueId: number, commitOffset: number) => ({
    consumerGroup: 'g',
    topic: 'orders',
    queueId,
    commitOffset,
    bname: 'broker-a',
  })

  it('waits for the answer to each queue it remembers, and asks nothing for the others', async () => {
    const { store, sent } = setUp()
    store.update(queue, 5, { increaseOnly: true })

    await store.persist([queue, other])

    expect(sent).toEqual([{ how: 'invoke', name: 'updateConsumerOffset', request: commit(1, 5) }])
  })

  it('sends without waiting where it may take time', async () => {
    const { store, sent } = setUp()
    store.update(queue, 5, { increaseOnly: true })
    store.update(other, 6, { increaseOnly: true })

    store.persistSoon([queue, other])
    await new Promise((resolve) => setImmediate(resolve))

    expect(sent.map(({ how, request }) => [how, request])).toEqual([
      ['oneway', commit(1, 5)],
      ['oneway', commit(2, 6)],
    ])
  })

  it('logs a failure, keeps the offset and goes on with the other queues', async () => {
    let first = true
    const { store, sent, warnings } = setUp({
      answer: () => {
        if (!first) return { outcome: 'OK' }
        first = false
        return refused()
      },
    })
    store.update(queue, 5, { increaseOnly: true })
    store.update(other, 6, { increaseOnly: true })

    await store.persist([queue, other])

    expect(sent).toHaveLength(2)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(/cannot store offset 5 of orders broker-a:1: .*SYSTEM_ERROR/)
    expect(store.inMemory(queue)).toBe(5)
  })

  it('logs that there is nobody to tell', async () => {
    const { store, warnings } = setUp({ address: undefined })
    store.update(queue, 5, { increaseOnly: true })

    await store.persist([queue])
    store.persistSoon([queue])
    await new Promise((resolve) => setImmediate(resolve))

    expect(warnings).toHaveLength(2)
    expect(warnings[0]).toContain('no address of broker broker-a')
  })
})
