import { describe, expect, it } from 'vitest'
import { SubscriptionTable } from '../../../src/core/consumer/subscription-table.ts'
import { UsageError } from '../../../src/core/errors.ts'

const table = (subscriptions: ConstructorParameters<typeof SubscriptionTable>[0]['subscriptions']) =>
  new SubscriptionTable({ group: 'g', subscriptions, now: 1000 })

describe('SubscriptionTable', () => {
  it('has no retry topic where nothing is sent back', () => {
    const options = { group: 'g', subscriptions: [{ topic: 'orders' }], retries: false, now: 1 }

    expect(new SubscriptionTable(options).topics).toEqual(['orders'])
  })

  it('has the topics asked for and the retry topic of the group', () => {
    const subscriptions = table([
      { topic: 'orders', tags: 'a || b' },
      { topic: 'payments', sql: 'x > 1' },
    ])

    expect(subscriptions.topics).toEqual(['orders', 'payments', '%RETRY%g'])
    expect(subscriptions.get('orders')).toMatchObject({ subString: 'a || b', tagsSet: ['a', 'b'], subVersion: 1000 })
    expect(subscriptions.get('payments')).toMatchObject({ subString: 'x > 1', expressionType: 'SQL92' })
    expect(subscriptions.get('%RETRY%g')).toMatchObject({ subString: '*', expressionType: 'TAG' })
    expect(subscriptions.get('invoices')).toBeUndefined()
  })

  it('takes expressions by their type, too, and says that there are no class filters', () => {
    const of = (expressionType: string) => table([{ topic: 'orders', expressionType, expression: 'a' }]).get('orders')

    expect(of('TAG')).toMatchObject({ tagsSet: ['a'], expressionType: 'TAG' })
    expect(of('SQL92')).toMatchObject({ subString: 'a', expressionType: 'SQL92' })
    expect(() => of('CLASS_FILTER')).toThrow(UsageError)
    expect(() => of('CLASS_FILTER')).toThrow(/cannot be filtered by CLASS_FILTER.*given up/)
  })

  it('announces a newer version each time its queues change, and pulls with one every broker has seen', () => {
    const subscriptions = table([{ topic: 'orders' }])
    const announced = () => subscriptions.all.find(({ topic }) => topic === 'orders')?.subVersion

    subscriptions.touch('orders', 2000)
    expect(announced()).toBe(2000)
    subscriptions.touch('orders', 2000)
    expect(announced()).toBe(2001)
    subscriptions.touch('orders', 500)
    expect(announced()).toBe(2002)
    expect(subscriptions.get('orders')?.subVersion).toBe(1000)
    expect(subscriptions.all.find(({ topic }) => topic === '%RETRY%g')?.subVersion).toBe(1000)
  })

  it('does not mind being told of a topic it has not', () => {
    const subscriptions = table([{ topic: 'orders' }])

    subscriptions.touch('invoices', 2000)

    expect(subscriptions.topics).toEqual(['orders', '%RETRY%g'])
  })

  it.each([
    ['nothing to consume', []],
    ['a topic no broker accepts', [{ topic: 'a topic' }]],
    ['an expression without a tag', [{ topic: 'orders', tags: '||' }]],
    ['an empty SQL92 expression', [{ topic: 'orders', sql: ' ' }]],
  ])('refuses %s', (_, subscriptions) => {
    expect(() => table(subscriptions)).toThrow(UsageError)
  })
})
