import { describe, expect, it } from 'vitest'
import {
  AllocateMessageQueueAveragely,
  type AllocateMessageQueueStrategy,
} from '../../../../src/core/consumer/index.ts'
import { Handover } from '../../../../src/core/consumer/rebalance/handover.ts'
import { type MessageQueue, queueKey } from '../../../../src/core/protocol/index.ts'
import { silentLogger } from '../../../../src/core/support/index.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const queuesOf = (topic: string, count = 6): MessageQueue[] =>
  Array.from({ length: count }, (_, queueId) => ({ topic, brokerName: 'a', queueId }))
const queues = queuesOf('orders')

/** As the member `me` of a group in which everybody shares averagely, unless told otherwise. */
function setUp({ handoverMs = 500, strategy = AllocateMessageQueueAveragely } = {}) {
  const clock = new VirtualClock()
  const handover = new Handover({ group: 'g', clientId: 'me', strategy, clock, logger: silentLogger, handoverMs })
  /** A pass that wants these queues and does not hold them; resolves to those it has to wait for. */
  const pass = (clientIds: readonly string[], wanted: readonly number[], all = queues): number[] => {
    const held = handover.hold(
      all[0]?.topic ?? '',
      { queues: all, clientIds },
      all.filter(({ queueId }) => wanted.includes(queueId)),
    )
    return all.filter((queue) => held.has(queueKey(queue))).map(({ queueId }) => queueId)
  }
  return { clock, handover, pass }
}

describe('a handover', () => {
  it('waits, at the first pass, for what those had who were there before', async () => {
    const { clock, handover, pass } = setUp()

    expect(pass(['me', 'you'], [0, 1, 2])).toEqual([0, 1, 2])
    expect(handover.dueInMs).toBe(500)
    await clock.advance(200)
    expect(pass(['me', 'you'], [0, 1, 2])).toEqual([0, 1, 2])
    expect(handover.dueInMs).toBe(300)
    await clock.advance(300)
    expect(pass(['me', 'you'], [0, 1, 2])).toEqual([])
    expect(handover.dueInMs).toBeUndefined()
    // One that could not be taken then is not waited for again.
    expect(pass(['me', 'you'], [2])).toEqual([])
  })

  it('waits for nobody where nobody was', () => {
    const { pass } = setUp()

    expect(pass(['me'], [0, 1, 2, 3, 4, 5])).toEqual([])
  })

  it('waits for those only who are still there', () => {
    const { pass } = setUp()
    // abe has 0 and 1, me 2 and 3, you 4 and 5.
    expect(pass(['abe', 'me', 'you'], [2, 3])).toEqual([2, 3])

    // abe has gone: 0 and 1 are free, 2 was mine.
    expect(pass(['me', 'you'], [0, 1])).toEqual([])
    expect(pass(['me', 'you', 'zoe'], [])).toEqual([])
    // zoe has gone: you had 2 and 3, and is still there; what zoe had is not for me.
    expect(pass(['me', 'you'], [2])).toEqual([2])
  })

  it('ends when the old owner goes meanwhile', async () => {
    const { clock, pass } = setUp()
    expect(pass(['me', 'you'], [0, 1, 2])).toEqual([0, 1, 2])
    await clock.advance(100)

    expect(pass(['me'], [0, 1, 2, 3, 4, 5])).toEqual([])
  })

  it('begins anew for a queue that was not wanted in between', async () => {
    const { clock, handover, pass } = setUp()
    expect(pass(['me', 'you'], [0, 1, 2])).toEqual([0, 1, 2])
    await clock.advance(400)
    expect(pass(['me', 'you', 'zoe'], [0, 1])).toEqual([0, 1])
    expect(handover.dueInMs).toBe(100)
    expect(pass(['me', 'you'], [0, 1, 2])).toEqual([0, 1, 2])
    await clock.advance(100)

    expect(pass(['me', 'you'], [0, 1, 2])).toEqual([2])
    expect(handover.dueInMs).toBe(400)
  })

  it('waits for the queues of each topic by themselves', async () => {
    const { clock, handover, pass } = setUp()
    pass(['me', 'you'], [0, 1, 2])
    await clock.advance(300)

    expect(pass(['me', 'you'], [0, 1], queuesOf('payments', 4))).toEqual([0, 1])
    expect(handover.dueInMs).toBe(200)
    await clock.advance(200)
    expect(pass(['me', 'you'], [0, 1, 2])).toEqual([])
    expect(handover.dueInMs).toBe(300)
  })

  it('knows no owner of a queue that the topic did not have', () => {
    const { pass } = setUp()
    pass(['me', 'you'], [0, 1], queuesOf('orders', 4))

    expect(pass(['me', 'you'], [2], queuesOf('orders', 6))).toEqual([2])
    expect(pass(['me', 'you'], [5], queuesOf('orders', 12))).toEqual([5])
    expect(pass(['me', 'you'], [12], queuesOf('orders', 26))).toEqual([])
  })

  it('is switched off by 0', () => {
    const { pass } = setUp({ handoverMs: 0 })

    expect(pass(['me', 'you'], [0, 1, 2])).toEqual([])
  })

  it.each<[string, AllocateMessageQueueStrategy]>([
    ['says nothing of others', { name: 'MINE', ownShareOnly: true, allocate: () => queues }],
    [
      'fails when asked for others',
      {
        name: 'MINE',
        allocate: () => {
          throw new Error('who?')
        },
      },
    ],
  ])('waits for nobody when the strategy %s', (_, strategy) => {
    const { pass } = setUp({ strategy })

    expect(pass(['me', 'you'], [0, 1, 2])).toEqual([])
  })
})
