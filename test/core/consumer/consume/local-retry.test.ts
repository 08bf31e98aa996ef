import { describe, expect, it } from 'vitest'
import { consumingHeld } from '../../../support/consuming.ts'

const nobody = (): Promise<void> => Promise.reject(new Error('no broker takes it'))

describe('a message that no broker takes back', () => {
  it('is consumed here again after 5 s, with one more in reconsumeTimes, and holds the offset back until then', async () => {
    const { put, calls, callOf, clock, committed, at } = consumingHeld({ sendBack: nobody })
    await put(0, 2)
    await callOf(0).end('RECONSUME_LATER')
    await callOf(1).end('CONSUME_SUCCESS')
    expect(committed[0]?.at(-1)).toBe(0)
    await clock.advance(4999)
    expect(calls).toHaveLength(2)

    await clock.advance(1)

    expect(calls).toHaveLength(3)
    expect(calls[2]?.messages.map(({ queueOffset, reconsumeTimes }) => [queueOffset, reconsumeTimes])).toEqual([[0, 1]])
    await calls[2]?.end('CONSUME_SUCCESS')
    expect(committed[0]?.at(-1)).toBe(2)
    expect(at(0).backlog.count).toBe(0)
  })

  it('comes again and again, each time after 5 s, until it succeeds', async () => {
    const { put, calls, clock } = consumingHeld({ sendBack: nobody })
    await put(0, 1)
    for (let round = 0; round < 4; round++) {
      await calls[round]?.end('RECONSUME_LATER')
      await clock.advance(5000)
    }

    expect(calls).toHaveLength(5)
    expect(calls[4]?.messages[0]?.reconsumeTimes).toBe(4)
  })

  it('is handed to a broker when one takes it the second time', async () => {
    const answers = [nobody, () => Promise.resolve()]
    const { put, calls, clock, sentBack, committed } = consumingHeld({
      sendBack: () => (answers.shift() ?? nobody)(),
    })
    await put(0, 1)
    await calls[0]?.end('RECONSUME_LATER')
    await clock.advance(5000)

    await calls[1]?.end('RECONSUME_LATER')

    expect(sentBack).toEqual([{ offset: 0, level: 0, reconsumeTimes: 1 }])
    expect(committed[0]?.at(-1)).toBe(1)
  })

  it('takes only those of a batch along that nobody took', async () => {
    const { put, calls, clock, committed } = consumingHeld({
      batch: 4,
      sendBack: (message) => (message.queueOffset === 2 ? nobody() : Promise.resolve()),
    })
    await put(0, 4)

    await calls[0]?.end('RECONSUME_LATER')
    await clock.advance(5000)

    expect(committed[0]?.at(-1)).toBe(2)
    expect(calls[1]?.messages.map(({ queueOffset }) => queueOffset)).toEqual([2])
  })

  it('does not come again here once the queue is given up: its next owner gets it', async () => {
    const { put, calls, clock, at, service } = consumingHeld({ sendBack: nobody })
    await put(0, 1)
    await calls[0]?.end('RECONSUME_LATER')

    at(0).revoke()
    await clock.advance(10_000)

    expect(calls).toHaveLength(1)
    expect(await service.drained(0, at(0))).toBe(true)
    expect(at(0).commitOffset).toBe(0)
  })

  it('does not come again when the queue was cleared meanwhile', async () => {
    const { put, calls, clock, at } = consumingHeld({ sendBack: nobody })
    await put(0, 1)
    await calls[0]?.end('RECONSUME_LATER')

    at(0).clear()
    await clock.advance(10_000)

    expect(calls).toHaveLength(1)
  })

  it('does not come again when it is given up while it waits for one of the concurrent calls', async () => {
    const { put, calls, clock, at } = consumingHeld({ concurrency: 1, queues: 2, sendBack: nobody })
    await put(0, 1)
    await calls[0]?.end('RECONSUME_LATER')
    await put(1, 1)
    await clock.advance(5000)
    expect(calls).toHaveLength(2)

    at(0).revoke()
    await calls[1]?.end('CONSUME_SUCCESS')

    expect(calls).toHaveLength(2)
  })
})
