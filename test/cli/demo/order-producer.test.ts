import { describe, expect, it, vi } from 'vitest'
import { OrderProducer } from '../../../src/cli/demo/order-producer.ts'
import type { OutgoingMessage, SendResult } from '../../../src/core/producer/index.ts'
import { silentLogger } from '../../../src/core/support/index.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const stored = { status: 'SEND_OK' } as SendResult

function setUp(send: (message: OutgoingMessage) => Promise<SendResult>) {
  const clock = new VirtualClock()
  const warn = vi.fn()
  const orders = new OrderProducer({
    producer: { send },
    topic: 'orders',
    perSecond: 100,
    clock,
    logger: { ...silentLogger, warn },
  })
  const stop = new AbortController()
  return { clock, orders, warn, stop, running: orders.run(stop.signal) }
}

describe('the producer of orders', () => {
  it('sends at its rate: numbered, keyed by order, a customer always to one queue', async () => {
    const sent: OutgoingMessage[] = []
    const { clock, orders, stop, running } = setUp(async (message) => {
      sent.push(message)
      return stored
    })

    await clock.advance(2000)
    stop.abort()
    await clock.advance(50)
    await running

    expect(orders.produced).toBe(200)
    expect(sent[101]).toMatchObject({
      topic: 'orders',
      keys: ['order-101'],
      tags: 'shipped',
      shardingKey: 'customer-1',
      properties: new Map([['order', '101']]),
    })
    expect(JSON.parse(String(sent[101]?.body))).toEqual({ order: 101, customer: 'customer-1', state: 'shipped' })
  })

  it('sends an order that was not stored again, under its number', async () => {
    const numbers: (string | undefined)[] = []
    const { clock, orders, warn, stop, running } = setUp(async (message) => {
      numbers.push(message.properties?.get('order'))
      if (numbers.length === 2) throw new Error('the broker is busy')
      return stored
    })

    await clock.advance(100)
    stop.abort()
    await clock.advance(50)
    await running

    expect(numbers.slice(0, 4)).toEqual(['0', '1', '1', '2'])
    expect(orders.produced).toBe(numbers.length - 1)
    expect(warn).toHaveBeenCalledWith('cannot send order 1, trying again: Error: the broker is busy')
  })
})
