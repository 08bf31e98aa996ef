import { describe, expect, it } from 'vitest'
import { filterByTags } from '../../../../src/core/consumer/pull/tag-filter.ts'
import { javaHash, sqlSubscription, tagSubscription } from '../../../../src/core/protocol/index.ts'
import { message } from '../../../support/messages.ts'

const tagged = (tags: string | undefined, queueOffset: number) =>
  message({ queueOffset, properties: tags === undefined ? {} : { TAGS: tags } })
const offsets = (messages: readonly { readonly queueOffset: number }[]) => messages.map((each) => each.queueOffset)

describe('filterByTags', () => {
  it('keeps everything when all tags are wanted', () => {
    const messages = [tagged('a', 0), tagged(undefined, 1)]

    expect(filterByTags(messages, tagSubscription('orders', '*', 1))).toBe(messages)
    expect(filterByTags(messages, tagSubscription('orders', undefined, 1))).toBe(messages)
  })

  it('keeps only the wanted tags, and never a message without one', () => {
    const messages = [tagged('a', 0), tagged('b', 1), tagged('c', 2), tagged(undefined, 3), tagged('A', 4)]

    expect(offsets(filterByTags(messages, tagSubscription('orders', 'a || c', 1)))).toEqual([0, 2])
  })

  it('drops a tag whose hash is that of a wanted one: the broker cannot tell them apart', () => {
    expect(javaHash('Aa')).toBe(javaHash('BB'))

    expect(offsets(filterByTags([tagged('BB', 0), tagged('Aa', 1)], tagSubscription('orders', 'Aa', 1)))).toEqual([1])
  })

  it('leaves what an SQL92 expression let through as it is', () => {
    const messages = [tagged('a', 0), tagged(undefined, 1)]

    expect(filterByTags(messages, sqlSubscription('orders', "TAGS = 'z'", 1))).toBe(messages)
  })
})
