import { describe, expect, it } from 'vitest'
import { consumingHeld } from '../../../support/consuming.ts'

const TIMEOUT_MS = 1000

describe('a call that takes longer than the consume timeout', () => {
  it('has its messages sent back at level 3, is told so, and lets the offset go on', async () => {
    const { put, callOf, clock, service, sentBack, committed, totals } = consumingHeld({
      consumeTimeoutMs: TIMEOUT_MS,
      batch: 2,
    })
    await put(0, 2)
    await clock.advance(TIMEOUT_MS)
    await service.expire()
    expect(sentBack).toEqual([])

    await clock.advance(1)
    await service.expire()

    expect(sentBack.map(({ offset, level }) => [offset, level])).toEqual([
      [0, 3],
      [1, 3],
    ])
    expect(committed[0]).toEqual([2])
    expect(callOf(0).context.signal.aborted).toBe(true)
    expect(totals()).toEqual({ ok: 0, failed: 2 })
  })

  it.each(['CONSUME_SUCCESS', 'RECONSUME_LATER'] as const)('has its late %s ignored', async (late) => {
    const { put, callOf, clock, service, sentBack, committed, totals } = consumingHeld({ consumeTimeoutMs: TIMEOUT_MS })
    await put(0, 1)
    await clock.advance(TIMEOUT_MS + 1)
    await service.expire()

    await callOf(0).end(late)

    expect(sentBack).toHaveLength(1)
    expect(committed[0]).toEqual([1])
    expect(totals()).toEqual({ ok: 0, failed: 1 })
    expect(service.inFlight).toBe(0)
  })

  it('is sent back once, however often it is looked for', async () => {
    const { put, clock, service, sentBack } = consumingHeld({ consumeTimeoutMs: TIMEOUT_MS })
    await put(0, 1)
    for (let look = 0; look < 5; look++) {
      await clock.advance(TIMEOUT_MS + 1)
      await service.expire()
    }

    expect(sentBack).toHaveLength(1)
  })

  it('still holds its concurrent call: the listener is not done', async () => {
    const { put, calls, clock, service } = consumingHeld({ consumeTimeoutMs: TIMEOUT_MS, concurrency: 1 })
    await put(0, 2)
    await clock.advance(TIMEOUT_MS + 1)
    await service.expire()
    await clock.settle()

    expect(service.inFlight).toBe(1)
    expect(calls).toHaveLength(1)
  })

  it('is not sent back twice when it fails while it is being sent back', async () => {
    let taken = (): void => undefined
    let asked = 0
    const sendBack = (): Promise<void> => {
      asked += 1
      return new Promise((resolve) => {
        taken = resolve
      })
    }
    const { put, callOf, clock, service, committed } = consumingHeld({ consumeTimeoutMs: TIMEOUT_MS, sendBack })
    await put(0, 1)
    await clock.advance(TIMEOUT_MS + 1)
    const expiring = service.expire()

    await callOf(0).end('RECONSUME_LATER')
    taken()
    await expiring

    expect(asked).toBe(1)
    expect(committed[0]).toEqual([1])
  })

  it('is not sent back again when it has failed already and only its send-back takes long', async () => {
    let taken = (): void => undefined
    let asked = 0
    const sendBack = (): Promise<void> => {
      asked += 1
      return new Promise((resolve) => {
        taken = resolve
      })
    }
    const { put, callOf, clock, service } = consumingHeld({ consumeTimeoutMs: TIMEOUT_MS, sendBack })
    await put(0, 1)
    await callOf(0).end('RECONSUME_LATER')
    await clock.advance(TIMEOUT_MS + 1)

    await service.expire()

    expect(asked).toBe(1)
    taken()
  })

  it('keeps its messages when no broker takes them: its answer counts again', async () => {
    const { put, callOf, clock, service, committed, totals, calls } = consumingHeld({
      consumeTimeoutMs: TIMEOUT_MS,
      sendBack: () => Promise.reject(new Error('no broker')),
    })
    await put(0, 1)
    await clock.advance(TIMEOUT_MS + 1)
    await service.expire()
    expect(committed[0]).toEqual([0])
    await clock.advance(5000)
    expect(calls).toHaveLength(1)

    await callOf(0).end('CONSUME_SUCCESS')

    expect(committed[0]?.at(-1)).toBe(1)
    expect(totals()).toEqual({ ok: 1, failed: 0 })
  })

  it('is asked for again at the next look when no broker took its messages', async () => {
    const answers = [() => Promise.reject(new Error('no broker')), () => Promise.resolve()]
    const { put, clock, service, sentBack } = consumingHeld({
      consumeTimeoutMs: TIMEOUT_MS,
      sendBack: () => (answers.shift() ?? (() => Promise.resolve()))(),
    })
    await put(0, 1)
    await clock.advance(TIMEOUT_MS + 1)
    await service.expire()
    expect(sentBack).toEqual([])

    await service.expire()

    expect(sentBack).toHaveLength(1)
  })

  it('is consumed here again when it ended while no broker took its messages', async () => {
    let refuse = (): void => undefined
    const { put, callOf, calls, clock, service } = consumingHeld({
      consumeTimeoutMs: TIMEOUT_MS,
      sendBack: () =>
        new Promise((_, reject) => {
          refuse = () => {
            reject(new Error('no broker'))
          }
        }),
    })
    await put(0, 1)
    await clock.advance(TIMEOUT_MS + 1)
    const expiring = service.expire()
    await callOf(0).end('RECONSUME_LATER')
    refuse()
    await expiring

    await clock.advance(5000)

    expect(calls).toHaveLength(2)
    expect(calls[1]?.messages[0]?.reconsumeTimes).toBe(1)
  })

  it('is left alone in a queue that was dropped', async () => {
    const { put, clock, service, sentBack, at } = consumingHeld({ consumeTimeoutMs: TIMEOUT_MS })
    await put(0, 1)
    at(0).dropped = true
    await clock.advance(TIMEOUT_MS + 1)

    await service.expire()

    expect(sentBack).toEqual([])
  })
})
