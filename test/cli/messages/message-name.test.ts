import { describe, expect, test } from 'vitest'
import { messageName } from '../../../src/cli/messages/message-name.ts'
import { UsageError } from '../../../src/core/errors.ts'

describe('what names a message', () => {
  test('is a place, a key, or else an id', () => {
    expect(messageName('broker-a:3:1200', undefined)).toEqual({
      by: 'place',
      brokerName: 'broker-a',
      queueId: 3,
      offset: 1200,
    })
    expect(messageName('7F00000100002A9F0000000000001F40', undefined)).toMatchObject({ by: 'id' })
    expect(messageName(undefined, 'order-1')).toEqual({ by: 'key', key: 'order-1' })
  })

  test.each([
    [undefined, undefined],
    ['id', 'key'],
    [undefined, ''],
    [undefined, 'a b'],
    ['', undefined],
    ['broker-a:0', undefined],
    ['broker-a:0:x', undefined],
    ['broker-a:0:9999999999999999', undefined],
    ['a b', undefined],
  ])('is not %j with the key %j', (word, key) => {
    expect(() => messageName(word, key)).toThrow(UsageError)
  })
})
