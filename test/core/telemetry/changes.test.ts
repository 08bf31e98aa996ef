import { describe, expect, test } from 'vitest'
import { changesBetween, type GroupSnapshot } from '../../../src/core/telemetry/index.ts'
import { clientOf, groupOf, lagging, queueOf, snapshotOf } from '../../support/snapshots.ts'

const [a, b] = ['10.0.0.7@4711#1', '10.0.0.8@99#2']

const texts = (before: GroupSnapshot, after: GroupSnapshot): string[] =>
  changesBetween(snapshotOf([before]), snapshotOf([after], 2000)).map(({ text }) => text)

describe('changes between snapshots', () => {
  test('are none where nothing but figures has changed', () => {
    expect(texts(groupOf([lagging(0, 10)]), groupOf([queueOf(0)]))).toEqual([])
  })

  test('tell who has joined and left', () => {
    const before = groupOf([], { clients: [clientOf(a)] })
    const after = groupOf([], { clients: [clientOf(b)] })

    expect(texts(before, after)).toEqual([
      `billing: ${b} has joined, 1 member now`,
      `billing: ${a} has left, 1 member now`,
    ])
  })

  test('tell of queues that went from one to another together', () => {
    const before = groupOf([0, 1, 2].map((queue) => queueOf(queue)))
    const after = groupOf([queueOf(0, { owners: [b] }), queueOf(1, { owners: [b] }), queueOf(2)])

    expect(texts(before, after)).toEqual([`billing: orders broker-a:0, broker-a:1 moved from ${a} to ${b}`])
  })

  test('tell of queues that several read who does so now, and who does not any more', () => {
    const [one, both] = [groupOf([queueOf(0)]), groupOf([queueOf(0, { owners: [a, b] })])]

    expect(texts(one, both)).toEqual([`billing: orders broker-a:0 held by ${b}, too`])
    expect(texts(both, one)).toEqual([`billing: orders broker-a:0 not held by ${b} any more`])
  })

  test('count queues that are too many to name', () => {
    const queues = Array.from({ length: 300 }, (_, queue) => queue)
    const before = groupOf(queues.map((queue) => queueOf(queue)))
    const after = groupOf(queues.map((queue) => queueOf(queue, { owners: [], state: 'NOOWNER', cached: null })))

    const [change, ...others] = changesBetween(snapshotOf([before]), snapshotOf([after], 2000))

    expect(change).toMatchObject({ fault: true, text: `billing: 300 queues of orders held by nobody, it was ${a}` })
    expect(change?.queues).toHaveLength(300)
    expect(others).toEqual([])
  })

  test('tell of a state that is a fault, and of its end, but not of the coming and going of work', () => {
    const fine = groupOf([queueOf(3)])
    const busy = groupOf([lagging(3, 20)])
    const stuck = groupOf([lagging(3, 20, { state: 'BLOCK' })])

    expect(texts(fine, busy)).toEqual([])
    expect(texts(busy, stuck)).toEqual(['billing: orders broker-a:3 BLOCK: its head has not moved for a minute'])
    expect(texts(stuck, fine)).toEqual(['billing: orders broker-a:3 all right again, was BLOCK'])
  })

  test('tell of offsets that were set back, and of dead letters', () => {
    const before = groupOf([queueOf(0)])
    const { totals } = before
    const after = groupOf([queueOf(0, { committed: 10, lag: 990 })], { totals: { ...totals, dlq: 2 } })

    expect(texts(before, after)).toEqual([
      'billing: orders broker-a:0 was set back from 1000 to 10',
      'billing: 2 messages have become dead letters',
    ])
  })

  test('tell who does not answer, once, and when that is over', () => {
    const errors = [{ subject: 'broker-b', message: 'it hangs' }]
    const [fine, silent] = [snapshotOf([]), snapshotOf([], 2000, { errors, partial: true })]

    expect(changesBetween(fine, silent).map(({ text }) => text)).toEqual(['broker-b does not answer: it hangs'])
    expect(changesBetween(silent, silent)).toEqual([])
    expect(changesBetween(silent, fine).map(({ text }) => text)).toEqual(['broker-b is answering again, or gone'])
  })
})
