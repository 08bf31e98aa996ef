import { describe, expect, test } from 'vitest'
import {
  type AllocationQuestion,
  planAllocation,
  planMembers,
} from '../../../../src/core/admin/rebalance/plan-allocation.ts'
import { AllocateMessageQueueAveragely, shareOf } from '../../../../src/core/consumer/index.ts'
import { queueKey } from '../../../../src/core/protocol/index.ts'

const queue = (queueId: number) => ({ topic: 'orders', brokerName: 'a', queueId })
const queues = (count: number) => Array.from({ length: count }, (_, id) => queue(id))

/** What would become of queues held as told, with these members. */
function plan(now: readonly (readonly string[])[], count: number, clientIds: readonly string[]) {
  const question: AllocationQuestion = {
    topics: [{ topic: 'orders', queues: queues(count) }],
    clientIds,
    now: new Map(now.map((owners, id) => [queueKey(queue(id)), { queue: queue(id), owners }])),
    shareOf: (clientId, topic, ids) =>
      shareOf(AllocateMessageQueueAveragely, { group: 'g', clientId, queues: topic.queues, clientIds: ids }),
  }
  return planAllocation(question).map(({ queue, effect, to }) => `${queue.queueId} ${effect} ${to.join(',')}`)
}

describe('a plan of an allocation', () => {
  test('moves what goes to another, and keeps the rest', () => {
    expect(plan([['x'], ['x'], ['y'], ['y']], 4, ['z', 'y', 'x'])).toEqual([
      '0 keep x',
      '1 keep x',
      '2 keep y',
      '3 move z',
    ])
  })

  test('tells new queues, queues that are gone, and such as nobody held', () => {
    expect(plan([['x'], []], 3, ['x'])).toEqual(['0 keep x', '1 take x', '2 new x'])
    expect(plan([['x'], ['x']], 1, ['x'])).toEqual(['0 keep x', '1 gone '])
  })

  test('a queue two hold moves to one of them', () => {
    expect(plan([['x', 'y']], 1, ['x', 'y'])).toEqual(['0 move x'])
  })
})

describe('planned members', () => {
  test.each([
    [{}, ['10.1', '10.2', '10.3']],
    [{ clients: 2 }, ['10.1', '10.2']],
    [{ clients: 5 }, ['10.1', '10.2', '10.3', 'new-001', 'new-002']],
    [{ add: ['2'] }, ['10.1', '10.2', '10.3', 'new-001', 'new-002']],
    [{ add: ['10.15', '1'] }, ['10.1', '10.15', '10.2', '10.3', 'new-001']],
    [{ remove: ['10.1', '1'] }, ['10.2']],
    [{ remove: ['10.1'], add: ['10.9'], clients: 4 }, ['10.2', '10.3', '10.9', 'new-001']],
    [{ add: ['3'], clients: 4 }, ['10.1', '10.2', '10.3', 'new-001']],
    [{ remove: ['9'] }, []],
  ])('with %o are %o', (change, expected) => {
    expect(planMembers(['10.3', '10.1', '10.2'], change).clientIds).toEqual(expected)
  })

  test('that shall leave and are not there are named', () => {
    expect(planMembers(['a'], { remove: ['b'] })).toEqual({ clientIds: ['a'], invented: [], missing: ['b'] })
  })
})
