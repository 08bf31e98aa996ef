import { describe, expect, it } from 'vitest'
import { UsageError } from '../../../../src/core/errors.ts'
import { javaHash, sqlSubscription, tagSubscription } from '../../../../src/core/protocol/index.ts'

describe('a subscription by tags', () => {
  it.each([undefined, '', '*', ' ', ' * '])('to %j is for all', (expression) => {
    expect(tagSubscription('T', expression, 7)).toEqual({
      topic: 'T',
      subString: '*',
      tagsSet: [],
      codeSet: [],
      subVersion: 7,
      expressionType: 'TAG',
      classFilterMode: false,
    })
  })

  it('names its tags and their hashes, without blanks, empty ones and repetitions', () => {
    const subscription = tagSubscription('T', ' TagA||TagB  ||  || TagA || ', 1)

    expect(subscription.tagsSet).toEqual(['TagA', 'TagB'])
    expect(subscription.codeSet).toEqual([2598919, 2598920])
    expect(subscription.subString).toBe(' TagA||TagB  ||  || TagA || ')
  })

  it('names a hash once that two tags share', () => {
    expect(javaHash('Aa')).toBe(javaHash('BB'))
    expect(tagSubscription('T', 'Aa || BB', 1)).toMatchObject({ tagsSet: ['Aa', 'BB'], codeSet: [2112] })
  })

  it('takes a single bar and an asterisk among others for part of a tag, as brokers do', () => {
    expect(tagSubscription('T', 'a|b', 1).tagsSet).toEqual(['a|b'])
    expect(tagSubscription('T', 'a || *', 1).tagsSet).toEqual(['a', '*'])
  })

  it.each(['||', '||||', ' || ', '|| ||'])('to %j is refused: it names no tag', (expression) => {
    expect(() => tagSubscription('T', expression, 1)).toThrow(UsageError)
  })
})

describe('a subscription by SQL', () => {
  it('is passed on as it is, and not empty', () => {
    expect(sqlSubscription('T', 'a > 5', 3)).toMatchObject({ subString: 'a > 5', expressionType: 'SQL92', codeSet: [] })
    expect(() => sqlSubscription('T', ' ', 3)).toThrow(UsageError)
  })
})
