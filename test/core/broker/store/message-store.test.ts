import { describe, expect, it } from 'vitest'
import { type BrokerStore, openBrokerStore } from '../../../../src/core/broker/store/broker-store.ts'
import type { IncomingMessage, StoredAt } from '../../../../src/core/broker/store/message-store.ts'
import { topicConfig } from '../../../../src/core/broker/topic-rules.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'
import { ControlledStore } from './controlled-store.ts'

function message(body = 'x', parts: Partial<IncomingMessage> = {}): IncomingMessage {
  return {
    topic: 'orders',
    queueId: 0,
    flag: 0,
    sysFlag: 0,
    bornTimestamp: 1,
    bornHost: { ip: '127.0.0.1', port: 1 },
    reconsumeTimes: 0,
    body: Buffer.from(body),
    properties: new Map(),
    ...parts,
  }
}

async function openStore() {
  const clock = new VirtualClock()
  const store = new ControlledStore()
  const seen: StoredAt[] = []
  const parts: BrokerStore = openBrokerStore({
    store,
    clock,
    storeHost: () => ({ ip: '127.0.0.1', port: 1 }),
    onStored: (stored) => seen.push(stored),
    onFatal: () => undefined,
    inBackground: () => undefined,
  })
  parts.topics.put(topicConfig('orders', 2))
  await parts.topics.flush()
  return { clock, store, seen, ...parts }
}

const read = { topic: 'orders', queueId: 0, offset: 0, maxMessages: 32 }

describe('MessageStore', () => {
  it('shows a message to nobody before it is on disk', async () => {
    const { clock, store, seen, messages, reader } = await openStore()
    store.held = true
    let resolved = false
    const append = messages.append([message()]).then(() => {
      resolved = true
    })
    await clock.settle()

    expect(messages.bounds('orders', 0)).toMatchObject({ max: 0 })
    expect(reader.read(read).status).toBe('NO_MESSAGE_IN_QUEUE')
    expect([seen.length, resolved]).toEqual([0, false])

    store.release()
    await append

    expect(messages.bounds('orders', 0)).toMatchObject({ max: 1 })
    expect(reader.read(read).status).toBe('FOUND')
    expect(seen).toMatchObject([{ topic: 'orders', queueId: 0, queueOffset: 0, position: 0 }])
  })

  it('gives offsets and positions in the order of the calls, whatever is on disk already', async () => {
    const { clock, store, messages } = await openStore()
    store.held = true
    const first = messages.append([message('a'), message('b', { queueId: 1 })])
    await clock.settle()
    const second = messages.append([message('c')])
    store.held = false
    store.release()

    const [[a, b], [c]] = await Promise.all([first, second])

    expect([a?.queueOffset, b?.queueOffset, c?.queueOffset]).toEqual([0, 0, 1])
    expect(a!.position < b!.position && b!.position < c!.position).toBe(true)
    expect(messages.atOffset('orders', 0, 1)?.body.toString()).toBe('c')
  })

  it('keeps what could not be written out of sight', async () => {
    const { store, seen, messages } = await openStore()
    store.failure = new Error('no space left')

    await expect(messages.append([message()])).rejects.toThrow('cannot write to its store')

    expect(messages.bounds('orders', 0)).toMatchObject({ max: 0 })
    expect(seen).toEqual([])
    expect(messages.pendingBytes).toBe(0)
  })

  it('counts what waits for the disk', async () => {
    const { clock, store, messages } = await openStore()
    store.held = true
    const append = messages.append([message('x'.repeat(1000))])
    await clock.settle()
    expect(messages.pendingBytes).toBeGreaterThan(1000)

    store.release()
    await append

    expect(messages.pendingBytes).toBe(0)
  })
})

describe('QueueReader', () => {
  it('goes past entries whose records are gone', async () => {
    const { journal, log, messages, reader } = await openStore()
    const [first] = await messages.append([message('gone'), message('there')])
    await journal.write([log.remove(first!.position)])

    const found = reader.read({ ...read, maxMessages: 1 })

    expect(found).toMatchObject({ status: 'FOUND', nextBeginOffset: 2 })
    expect(found.records).toHaveLength(1)
  })

  it('goes on at the end when nothing is left of a queue but its bounds', async () => {
    const { journal, queues, topics, messages, reader } = await openStore()
    await messages.append([message(), message()])
    const { id } = topics.get('orders')!
    await journal.write([queues.remove(id, 0, 0), queues.remove(id, 0, 1)])

    expect(reader.read(read)).toMatchObject({ status: 'MESSAGE_WAS_REMOVING', nextBeginOffset: 2 })
  })
})
