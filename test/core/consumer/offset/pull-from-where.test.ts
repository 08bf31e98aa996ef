import { describe, expect, it } from 'vitest'
import type { ConsumeFromWhere } from '../../../../src/core/consumer/index.ts'
import { computePullFromWhere } from '../../../../src/core/consumer/offset/pull-from-where.ts'

const topics = { normal: 'orders', retry: '%RETRY%g' }
const STORED = 11
const MAX = 22
const SEARCHED = 33
const COMPUTED = 44

function start(from: ConsumeFromWhere, topic: keyof typeof topics, stored: number | undefined) {
  const asked: string[] = []
  const offset = computePullFromWhere(
    { topic: topics[topic], brokerName: 'broker-a', queueId: 0 },
    {
      consumeFromWhere: from,
      readStored: async () => stored,
      maxOffset: async () => {
        asked.push('max')
        return MAX
      },
      searchOffset: async (_, timestamp) => {
        asked.push(`search ${timestamp}`)
        return SEARCHED
      },
    },
  )
  return offset.then((found) => ({ ...found, asked }))
}

const first: ConsumeFromWhere = { from: 'first' }
const last: ConsumeFromWhere = { from: 'last' }
const timestamp: ConsumeFromWhere = { from: 'timestamp', timestamp: 1000 }
const offset: ConsumeFromWhere = { from: 'offset', offsetOf: async () => COMPUTED }

describe('computePullFromWhere', () => {
  it.each([first, last, timestamp, offset])('begins at the stored offset whatever $from says', async (where) => {
    for (const topic of ['normal', 'retry'] as const) {
      expect(await start(where, topic, STORED)).toEqual({ offset: STORED, committed: true, asked: [] })
      expect(await start(where, topic, 0)).toEqual({ offset: 0, committed: true, asked: [] })
    }
  })

  it.each([
    [first, 'normal', 0, []],
    [first, 'retry', 0, []],
    [last, 'normal', MAX, ['max']],
    [last, 'retry', 0, []],
    [timestamp, 'normal', SEARCHED, ['search 1000']],
    [timestamp, 'retry', MAX, ['max']],
    [offset, 'normal', COMPUTED, []],
    [offset, 'retry', 0, []],
  ] as const)('begins, where nothing is stored, with %j in a %s topic at %i', async (where, topic, wanted, asked) => {
    expect(await start(where, topic, undefined)).toEqual({ offset: wanted, committed: false, asked })
  })

  it.each([first, last, timestamp, offset])(
    'takes no answer of the broker for no offset: with $from it fails',
    async (where) => {
      const asked: string[] = []
      const unanswered = computePullFromWhere(
        { topic: 'orders', brokerName: 'broker-a', queueId: 0 },
        {
          consumeFromWhere: where,
          readStored: () => Promise.reject(new Error('no answer')),
          maxOffset: async () => asked.push('max'),
          searchOffset: async () => asked.push('search'),
        },
      )

      await expect(unanswered).rejects.toThrow('no answer')
      expect(asked).toEqual([])
    },
  )

  it('fails when the place to begin at cannot be found out', async () => {
    const unanswered = computePullFromWhere(
      { topic: 'orders', brokerName: 'broker-a', queueId: 0 },
      {
        consumeFromWhere: last,
        readStored: async () => undefined,
        maxOffset: () => Promise.reject(new Error('no answer')),
        searchOffset: async () => 0,
      },
    )

    await expect(unanswered).rejects.toThrow('no answer')
  })
})
