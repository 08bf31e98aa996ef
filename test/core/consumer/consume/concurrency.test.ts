import { describe, expect, it } from 'vitest'
import { ReadyQueues } from '../../../../src/core/consumer/consume/ready-queues.ts'
import { ProcessQueue } from '../../../../src/core/consumer/process-queue.ts'
import { consuming, consumingHeld } from '../../../support/consuming.ts'
import { message } from '../../../support/messages.ts'

describe('concurrency', () => {
  it('is never exceeded, and each call that ends makes room for one', async () => {
    const { put, calls, callOf, service } = consumingHeld({ concurrency: 3 })
    await put(0, 10)
    expect(calls).toHaveLength(3)
    expect(service.inFlight).toBe(3)

    await callOf(1).end('CONSUME_SUCCESS')

    expect(calls).toHaveLength(4)
    expect(service.inFlight).toBe(3)
  })

  it('is not exceeded by messages that are consumed here again because no broker took them back', async () => {
    const { put, calls, clock, service } = consumingHeld({
      concurrency: 2,
      sendBack: () => Promise.reject(new Error('no broker')),
    })
    await put(0, 6)
    for (let i = 0; i < 6; i++) await calls[i]?.end('RECONSUME_LATER')
    expect(calls).toHaveLength(6)

    await clock.advance(5000)

    expect(calls).toHaveLength(8)
    expect(service.inFlight).toBe(2)
    for (let i = 6; i < 12; i++) await calls[i]?.end('CONSUME_SUCCESS')
    expect(calls).toHaveLength(12)
    expect(service.inFlight).toBe(0)
  })

  it('takes effect at once when it is raised while running', async () => {
    const { put, calls, service, clock } = consumingHeld({ concurrency: 1 })
    await put(0, 5)
    expect(calls).toHaveLength(1)

    service.concurrency = 4
    await clock.settle()

    expect(calls).toHaveLength(4)
  })

  it('takes effect as calls end when it is lowered while running', async () => {
    const { put, calls, callOf, service } = consumingHeld({ concurrency: 3 })
    await put(0, 10)
    service.concurrency = 1

    await callOf(0).end('CONSUME_SUCCESS')
    await callOf(1).end('CONSUME_SUCCESS')
    expect(calls).toHaveLength(3)
    await callOf(2).end('CONSUME_SUCCESS')
    expect(calls).toHaveLength(4)
  })
})

describe('fairness', () => {
  it('serves queues with work in turn', async () => {
    const order: number[] = []
    const { at, service, clock, queues } = consuming(
      ([first]) => {
        order.push(first?.queueId ?? -1)
        return Promise.resolve('CONSUME_SUCCESS' as const)
      },
      { queues: 3, concurrency: 1 },
    )
    for (const [queueId, processQueue] of queues.entries()) {
      processQueue.put([0, 1, 2].map((queueOffset) => message({ queueId, queueOffset })))
      service.submit(at(queueId))
    }
    for (let turn = 0; turn < 9; turn++) await clock.settle()

    expect(order).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2])
  })

  it('gives a queue with a long backlog only its part of a turn', async () => {
    const order: number[] = []
    const { put, clock } = consuming(
      ([first]) => {
        order.push(first?.queueId ?? -1)
        return 'CONSUME_SUCCESS'
      },
      { queues: 2 },
    )

    await Promise.all([put(0, 1000), put(1, 40)])
    for (let turn = 0; turn < 5; turn++) await clock.settle()

    expect(order.indexOf(1)).toBeLessThanOrEqual(32)
    expect(order.lastIndexOf(1)).toBeLessThanOrEqual(32 + 32 + 8 + 32)
    expect(order).toHaveLength(1040)
  })

  it('leaves a quarter of the calls to the others when the listener never returns for one queue', async () => {
    const served: number[] = []
    const { put, service, clock } = consuming(
      ([first]) => {
        if (first?.queueId === 0) return new Promise(() => undefined)
        served.push(first?.queueOffset ?? -1)
        return clock.sleep(10).then(() => 'CONSUME_SUCCESS' as const)
      },
      { queues: 8, concurrency: 20 },
    )
    await put(0, 500)
    expect(service.inFlight).toBe(15)

    for (let queueId = 1; queueId < 8; queueId++) await put(queueId, 100)
    await clock.advance(10 * 140)

    expect(served).toHaveLength(700)
    expect(service.inFlight).toBe(15)
  })

  it('lets the only queue have all calls, and leaves any other its fair share', async () => {
    const alone = consumingHeld({ concurrency: 8 })
    await alone.put(0, 100)
    expect(alone.calls).toHaveLength(8)

    const two = consumingHeld({ concurrency: 8, queues: 4 })
    await two.put(0, 100)
    await two.put(1, 100)
    const callsOf = (queueId: number) => two.calls.filter(({ messages }) => messages[0]?.queueId === queueId)
    expect([callsOf(0).length, callsOf(1).length]).toEqual([6, 2])
  })

  it('leaves no call free when every queue is busy, and none to spare where there are few', async () => {
    const all = consumingHeld({ concurrency: 10, queues: 4 })
    for (const queueId of [0, 1, 2, 3]) await all.put(queueId, 100)
    expect(all.calls.length).toBeGreaterThanOrEqual(9)
    await all.callOf(0, 0).end('CONSUME_SUCCESS')
    expect(all.service.inFlight).toBe(10)

    const few = consumingHeld({ concurrency: 3, queues: 8 })
    await few.put(0, 100)
    expect(few.calls).toHaveLength(3)
  })

  it('looks again for calls to start when fewer queues are held', async () => {
    let held = 8
    const waiting = new ReadyQueues()
    const processQueue = new ProcessQueue({ topic: 'orders', brokerName: 'broker-a', queueId: 0 }, 0)
    for (let i = 0; i < 3; i++) waiting.occupy(processQueue)
    waiting.add(processQueue)

    expect(waiting.next(4, held)).toBeUndefined()
    held = 1
    expect(waiting.next(4, held)).toBe(processQueue)
    expect(waiting.next(4, held)).toBeUndefined()
  })
})

describe('drained', () => {
  it('holds at once when nothing runs', async () => {
    const { service } = consumingHeld()

    expect(await service.drained(0)).toBe(true)
  })

  it('waits for the calls of one queue, or of all', async () => {
    const { put, callOf, service, at, clock } = consumingHeld({ queues: 2 })
    await put(0, 1)
    await put(1, 1)
    const settled: string[] = []
    void service.drained(60_000, at(0)).then((drained) => settled.push(`queue 0: ${drained}`))
    void service.drained(60_000).then((drained) => settled.push(`all: ${drained}`))

    await callOf(0, 0).end('CONSUME_SUCCESS')
    expect(settled).toEqual(['queue 0: true'])
    await callOf(0, 1).end('CONSUME_SUCCESS')
    expect(settled).toEqual(['queue 0: true', 'all: true'])
    expect(clock.pending).toBe(0)
  })

  it('gives up when its time is over', async () => {
    const { put, service, clock } = consumingHeld()
    await put(0, 1)
    const drained = service.drained(3000)

    await clock.advance(3000)

    expect(await drained).toBe(false)
  })

  it('waits until a failed message was sent back', async () => {
    let taken = (): void => undefined
    const sendBack = (): Promise<void> =>
      new Promise((resolve) => {
        taken = resolve
      })
    const { put, callOf, service, clock } = consumingHeld({ sendBack })
    await put(0, 1)
    let drained = false
    void service.drained(60_000).then((ended) => (drained = ended))

    await callOf(0).end('RECONSUME_LATER')
    expect(drained).toBe(false)
    taken()
    await clock.settle()
    expect(drained).toBe(true)
  })
})

describe('stop', () => {
  it('starts no more calls, and leaves no timer for what waits to be consumed again', async () => {
    const { put, calls, callOf, service, clock } = consumingHeld({
      concurrency: 1,
      sendBack: () => Promise.reject(new Error('no broker')),
    })
    await put(0, 3)
    await callOf(0).end('RECONSUME_LATER')
    expect(clock.pending).toBe(1)

    service.stop()
    await callOf(1).end('CONSUME_SUCCESS')

    expect(calls).toHaveLength(2)
    expect(clock.pending).toBe(0)
  })
})

describe('describe', () => {
  it('tells what runs, how long and where', async () => {
    const { put, service, clock } = consumingHeld({ concurrency: 4, batch: 2 })
    await put(0, 3)
    await clock.advance(1500)

    expect(service.describe().split('\n')).toEqual([
      'listener calls in flight: 2 of 4',
      'calls to be acknowledged: 0',
      'orders broker-a:0 offsets 0–1 running for 1500 ms',
      'orders broker-a:0 offsets 2–2 running for 1500 ms',
    ])
  })
})
