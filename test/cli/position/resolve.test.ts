import { describe, expect, it } from 'vitest'
import type { Position } from '../../../src/cli/position/position.ts'
import { describeClamp, type OffsetSource, resolvePositions } from '../../../src/cli/position/resolve.ts'
import { NotFoundError, RefusedError, UsageError } from '../../../src/core/errors.ts'
import type { MessageQueue } from '../../../src/core/protocol/index.ts'

interface QueueState {
  readonly min: number
  readonly max: number
  readonly committed?: Readonly<Record<string, number>>
  /** What the broker answers to a search by time. */
  readonly found?: number
}

function source(states: readonly QueueState[]): { offsets: OffsetSource; queues: MessageQueue[] } {
  const of = (queue: MessageQueue): QueueState => states[queue.queueId] ?? { min: 0, max: 0 }
  return {
    queues: states.map((_, queueId) => ({ topic: 'orders', brokerName: 'broker-a', queueId })),
    offsets: {
      min: async (queue) => of(queue).min,
      max: async (queue) => of(queue).max,
      search: async (queue) => of(queue).found ?? 0,
      committed: async (group, queue) => of(queue).committed?.[group],
    },
  }
}

async function resolve(position: Position, state: QueueState, group: string | undefined = 'g') {
  const { offsets, queues } = source([state])
  const [resolved] = await resolvePositions({ all: position }, queues, { offsets, group, wireName: (name) => name })
  return resolved
}

describe('where a position lies in a queue', () => {
  const state = { min: 10, max: 100, committed: { g: 50, other: 70 }, found: 42 }

  it.each<[string, Position, number]>([
    ['first', { kind: 'first' }, 10],
    ['last', { kind: 'last' }, 100],
    ['committed', { kind: 'committed' }, 50],
    ['another group', { kind: 'group', group: 'other' }, 70],
    ['an offset', { kind: 'offset', offset: 10 }, 10],
    ['the offset of the end', { kind: 'offset', offset: 100 }, 100],
    ['a shift', { kind: 'shift', by: 20 }, 70],
    ['a time', { kind: 'time', timestamp: 1 }, 42],
  ])('is found for %s', async (_, position, offset) => {
    expect(await resolve(position, state)).toMatchObject({ min: 10, max: 100, offset, clampedFrom: undefined })
  })

  it.each<[string, Position, QueueState, number, number]>([
    ['a shift before the first', { kind: 'shift', by: -100 }, state, 10, -50],
    ['a shift past the end', { kind: 'shift', by: 100 }, state, 100, 150],
    ['a time whose offset has expired', { kind: 'time', timestamp: 1 }, { ...state, found: 3 }, 10, 3],
    ['a committed offset that has expired', { kind: 'committed' }, { ...state, committed: { g: 2 } }, 10, 2],
  ])('brings %s into the bounds and says so', async (_, position, of, offset, clampedFrom) => {
    const resolved = await resolve(position, of)

    expect(resolved).toMatchObject({ offset, clampedFrom })
    expect(describeClamp(resolved!)).toMatch(new RegExp(`broker-a:0: ${clampedFrom} lies .*; taking ${offset}`))
  })

  it('says nothing of a position that was not clamped', async () => {
    expect(describeClamp((await resolve({ kind: 'first' }, state))!)).toBeUndefined()
  })

  it.each([9, 101])('refuses the offset %i outside the bounds', async (offset) => {
    const refused = resolve({ kind: 'offset', offset }, state)

    await expect(refused).rejects.toThrow(RefusedError)
    await expect(refused).rejects.toThrow(`offset ${offset} is outside broker-a:0 of orders, which goes from 10 to 100`)
  })

  it('refuses a committed offset that is not there, unless the queue is empty', async () => {
    await expect(resolve({ kind: 'group', group: 'nobody' }, state)).rejects.toThrow(
      /group nobody has no committed offset in broker-a:0/,
    )
    expect(await resolve({ kind: 'committed' }, { min: 7, max: 7 })).toMatchObject({ offset: 7 })
  })

  it('refuses what counts from a group where there is none', async () => {
    const { offsets, queues } = source([state])
    const of = (position: Position) =>
      resolvePositions({ all: position }, queues, { offsets, group: undefined, wireName: (name) => name })

    await expect(of({ kind: 'committed' })).rejects.toThrow(UsageError)
    await expect(of({ kind: 'shift', by: -100 })).rejects.toThrow(/no group is named/)
  })
})

describe('a list of positions', () => {
  it('concerns the queues it names, each with its own', async () => {
    const { offsets, queues } = source([
      { min: 0, max: 10 },
      { min: 0, max: 10 },
      { min: 0, max: 10 },
    ])
    const perQueue = new Map<string, Position>([
      ['broker-a:2', { kind: 'last' }],
      ['broker-a:0', { kind: 'offset', offset: 4 }],
    ])

    const resolved = await resolvePositions({ perQueue }, queues, { offsets, group: 'g', wireName: (name) => name })

    expect(resolved.map(({ queue, offset }) => [queue.queueId, offset])).toEqual([
      [2, 10],
      [0, 4],
    ])
  })

  it('refuses a queue the topic does not have, naming some that it has', async () => {
    const { offsets, queues } = source([{ min: 0, max: 10 }])
    const perQueue = new Map<string, Position>([['broker-b:0', { kind: 'first' }]])

    const refused = resolvePositions({ perQueue }, queues, { offsets, group: 'g', wireName: (name) => name })

    await expect(refused).rejects.toThrow(NotFoundError)
    await expect(refused).rejects.toThrow('there is no queue broker-b:0 in topic orders')
    await expect(refused).rejects.toMatchObject({ suggestions: ['its queues are broker-a:0'] })
  })
})
