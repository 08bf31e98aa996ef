import { describe, expect, test } from 'vitest'
import { type Landing, landTime } from '../../../../src/core/admin/offsets/land-time.ts'
import { RefusedError } from '../../../../src/core/errors.ts'

/** A queue of a broker that takes the message nearest to a time, as 4.9 brokers do; ties go to the earlier one. */
function queue(queueId: number, times: readonly number[], wanted: number): Landing {
  const exact = times.findIndex((time) => time >= wanted)
  const nearest = (time: number): number => {
    const equal = times.lastIndexOf(time)
    if (equal !== -1) return equal
    const later = times.findIndex((one) => one > time)
    if (later === -1) return Math.max(0, times.length - 1)
    if (later === 0) return 0
    return time - (times[later - 1] ?? 0) > (times[later] ?? 0) - time ? later : later - 1
  }
  return {
    queue: { topic: 'orders', brokerName: 'a', queueId },
    exact: exact === -1 ? times.length : exact,
    storedAt: times[exact],
    search: (time) => Promise.resolve(nearest(time)),
  }
}

describe('the time a broker without an exact search is told', () => {
  test('is one from which every queue begins where it should, if there is one', async () => {
    const queues = [queue(0, [0, 100, 200], 60), queue(1, [10, 90, 300], 60)]
    const landed = await landTime(60, queues)

    expect(landed.offsets).toEqual([1, 1])
  })

  test('moves on to the message itself where the one before is nearer', async () => {
    const { timestamp, offsets } = await landTime(40, [queue(0, [0, 100], 40)])

    expect(offsets).toEqual([1])
    expect(timestamp).toBe(100)
  })

  test('begins early rather than late where no time suits all queues', async () => {
    const { offsets } = await landTime(40, [queue(0, [0, 1000], 40), queue(1, [30, 50, 60, 70], 40)])

    expect(offsets).toEqual([0, 1])
  })

  test('begins with the last message where all are older: the end cannot be told', async () => {
    const { offsets } = await landTime(500, [queue(0, [0, 1000], 500), queue(1, [10, 20], 500)])

    expect(offsets).toEqual([1, 1])
  })

  test('never loses messages of the very millisecond', async () => {
    const { offsets } = await landTime(100, [queue(0, [0, 100, 100, 100], 100)])

    expect(offsets[0]).toBeLessThanOrEqual(1)
  })

  test('is refused where every answer would lose something', async () => {
    const late: Landing = { ...queue(0, [0, 100], 40), search: () => Promise.resolve(2) }

    await expect(landTime(40, [late])).rejects.toThrow(RefusedError)
  })
})
