import { describe, expect, test } from 'vitest'
import { type FateFacts, fateOf, type MessageCopy } from '../../../../src/core/admin/messages/message-fate.ts'
import { sqlSubscription, tagSubscription } from '../../../../src/core/protocol/index.ts'
import { message } from '../../../support/messages.ts'

const original = message({ queueOffset: 10, storeTimestamp: 1000, properties: { TAGS: 'paid', amount: '7' } })

function fate(facts: Partial<FateFacts>) {
  return fateOf({
    message: original,
    committed: 20,
    min: 0,
    broadcasting: false,
    subscription: undefined,
    copies: [],
    ...facts,
  })
}

function copy(
  kind: MessageCopy['kind'],
  times: number,
  more: Partial<MessageCopy> & { at?: number } = {},
): MessageCopy {
  const { at = 5, ...rest } = more
  const sent = message({ queueOffset: at, storeTimestamp: 1000 + times * 100, reconsumeTimes: times })
  return { kind, message: sent, committed: undefined, min: kind === 'retry' ? 0 : undefined, ...rest }
}

describe('the fate of a message', () => {
  test('without copies is that of its place in the queue', () => {
    expect(fate({ committed: 11 })).toEqual({ state: 'passed', retries: 0 })
    expect(fate({ committed: 10 })).toEqual({ state: 'waiting', ahead: 0, filtered: false })
    expect(fate({ committed: 2, min: 4 })).toEqual({ state: 'waiting', ahead: 6, filtered: false })
    expect(fate({ committed: undefined })).toEqual({ state: 'no-commit' })
    expect(fate({ broadcasting: true })).toEqual({ state: 'broadcasting' })
  })

  test('is to be filtered where the group that is online does not want it', () => {
    const refunds = tagSubscription('orders', 'refund', 0)

    expect(fate({ subscription: refunds })).toEqual({ state: 'filtered', by: 'refund' })
    expect(fate({ subscription: refunds, committed: 3 })).toEqual({ state: 'waiting', ahead: 7, filtered: true })
    expect(fate({ subscription: tagSubscription('orders', 'refund || paid', 0) }).state).toBe('passed')
    expect(fate({ subscription: tagSubscription('orders', '*', 0) }).state).toBe('passed')
    expect(fate({ subscription: sqlSubscription('orders', 'amount > 7', 0) }).state).toBe('filtered')
    expect(fate({ subscription: sqlSubscription('orders', 'amount >= 7', 0) }).state).toBe('passed')
  })

  test('is that of its newest copy, whatever its own queue says', () => {
    const first = copy('retry', 1, { committed: 6 })
    const second = copy('retry', 2, { committed: 3 })

    expect(fate({ copies: [first] })).toEqual({ state: 'passed', retries: 1 })
    expect(fate({ copies: [first, copy('delayed', 2)] })).toMatchObject({ state: 'retry', retries: 2, due: false })
    expect(fate({ copies: [second, first] })).toEqual({ state: 'retry', retries: 2, due: true, ahead: 2 })
    expect(fate({ copies: [copy('dead-letter', 3), second] })).toEqual({ state: 'dead-letter', retries: 3 })
    expect(fate({ copies: [copy('retry', 1, { min: 2 })] })).toMatchObject({ state: 'retry', ahead: 3 })
    expect(fate({ committed: 4, copies: [second] })).toMatchObject({ state: 'retry' })
  })
})
