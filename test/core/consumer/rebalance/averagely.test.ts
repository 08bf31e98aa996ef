import { describe, expect, it } from 'vitest'
import { AllocateMessageQueueAveragely } from '../../../../src/core/consumer/index.ts'
import { fixtureText } from '../../../support/fixtures.ts'

/** What the Java class gave each of the clients: indexes into the queues, or the exception it threw. */
interface Vector {
  readonly strategy: string
  readonly topic: string
  readonly queues: readonly (readonly [broker: string, count: number] | readonly [broker: string, id: number, one: 1])[]
  readonly cids: readonly string[]
  readonly result: Readonly<Record<string, readonly number[] | null | { readonly throws: string }>>
}

const { vectors } = JSON.parse(fixtureText('allocation-vectors.json')) as { readonly vectors: readonly Vector[] }
const cases = vectors.filter(({ strategy }) => strategy === 'AVG')

function queuesOf({ topic, queues }: Vector) {
  return queues.flatMap(([brokerName, number, one]) =>
    one === undefined
      ? Array.from({ length: number }, (_, queueId) => ({ topic, brokerName, queueId }))
      : [{ topic, brokerName, queueId: number }],
  )
}

describe('AllocateMessageQueueAveragely', () => {
  it.each(cases)('gives $topic, $queues, to $cids as Java does', (vector) => {
    const queues = queuesOf(vector)
    for (const [clientId, wanted] of Object.entries(vector.result)) {
      const allocation = { group: 'GroupOne', clientId, queues, clientIds: vector.cids }
      const given = AllocateMessageQueueAveragely.allocate(allocation).map((queue) => queues.indexOf(queue))
      // Where Java throws there is nobody or nothing to share.
      expect(given).toEqual(Array.isArray(wanted) ? wanted : [])
    }
  })

  it('is checked against enough results', () => {
    expect(cases.length).toBeGreaterThan(40)
  })

  it('gives the queues between the two places to nobody when the broker lists a member twice', () => {
    const queues = Array.from({ length: 8 }, (_, queueId) => ({ topic: 'T', brokerName: 'a', queueId }))
    const share = (clientId: string) =>
      AllocateMessageQueueAveragely.allocate({ group: 'g', clientId, queues, clientIds: ['A', 'A', 'B'] }).map(
        ({ queueId }) => queueId,
      )

    expect(share('A')).toEqual([0, 1, 2])
    expect(share('B')).toEqual([6, 7])
    expect(share('C')).toEqual([])
  })
})
